"""Compiling what loops contain as a part of them alone.

numba makes finished code of every function before another one that calls it: optimised, put into the
machine's language and loaded, with two ways in for Python, and kept in a file. Callers copy the optimised
code, and nobody calls the finished one. Here a function within a loop is only optimised.

This hangs on names of numba's compiler. Where one is missing, numba does as it pleases.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
from numba.core import codegen, compiler, compiler_machinery, typed_passes

_Library: Any = getattr(codegen, "JITCodeLibrary", None)
_Lowering: Any = getattr(typed_passes, "NativeLowering", None)


def as_contained(function: Callable[..., Any], options: dict[str, Any]) -> Any:
    """Return a function for loops to call, as numba's dispatcher, which Python cannot call."""
    if hasattr(_Library, "_finalize_dynamic_globals") and _Lowering is not None:
        options = {**options, "pipeline_class": _translator()}
    return numba.njit(**options)(function)


@cache
def _translator() -> Any:
    """Return numba's compiler of functions without Python objects, but for its last step."""

    class Translation(_Library):  # type: ignore[misc]
        """Code that is there to be copied into its callers'."""

        def _finalize_final_module(self) -> None:
            self._finalize_dynamic_globals()
            self._finalized = True

    @compiler_machinery.register_pass(mutates_CFG=True, analysis_only=False)
    class Translate(_Lowering):  # type: ignore[misc]
        _name = "translation_for_callers"

        def run_pass(self, state: Any) -> bool:
            state.library = Translation(state.targetctx.codegen(), state.func_id.func_qualname)
            state.flags.no_compile = state.flags.no_cpython_wrapper = state.flags.no_cfunc_wrapper = True
            super().run_pass(state)
            # Callers find a function by what would be called in Python.
            name = state.library.__reduce__
            state.targetctx.insert_user_function(name, state.cr.fndesc, [state.library])
            state.cr = state.cr._replace(cfunc=name)
            return True

    class Translator(compiler.CompilerBase):
        def define_pipelines(self) -> list[Any]:
            steps: Any = compiler.DefaultPassBuilder.define_nopython_pipeline(self.state)
            steps.passes = [(Translate if step is _Lowering else step, name) for step, name in steps.passes]
            steps.finalize()
            return [steps]

    return Translator
