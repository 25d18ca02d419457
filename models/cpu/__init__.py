"""Running a network on the CPU, as a program compiled for the layers that are wanted.

program.py                  runs operations forward, and back
fuse.py                     makes operations of layers, several at a time where that is faster
operation.py                what an operation is, and the gradients on their way back
convolution.py              convolutions with what follows them
convolution_algorithms.py   ways to compute one, over what convolution_geometry.py says of its windows
winograd_convolution.py     the way with fewer products, for windows of 3x3
convolve_and_pool.py        a convolution and max pooling in bands of rows (bands.py, convolution_rows.py)
kernel_operations.py        max pooling and LRN, by the compiled loops in kernels/
torch_operations.py         everything else
"""
