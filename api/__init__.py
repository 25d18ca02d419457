"""The face that Python sees: `import lucidreel as lr` finds here whatever it offers."""
