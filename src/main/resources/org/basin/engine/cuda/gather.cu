// The examples of a batch, from where the data stand to where a network reads them.
//
//   x[r, i, :] = inputs[r][order[r, first + i], :]     i < rows
//   y[r, i]    = labels[r][order[r, first + i]]
//
// inputs  [R] addresses of [n, stride]: a replica's examples, each row with its last columns as the network's
//             matrices need them (a one where there are biases, zeros up to the stride), so that rows are only copied
// labels  [R] addresses of [n]
// order   [R, n] indices of examples; null: the examples in their own order (evaluation)
// x       [R, capacity, stride]
// y       [R, capacity]
//
// One thread a value of x; blockIdx.y is the replica.
extern "C" __global__ void __launch_bounds__(256)
gather(float* __restrict__ x, int* __restrict__ y, const float* const* __restrict__ inputs,
       const int* const* __restrict__ labels, const int* __restrict__ order, int n, int first, int rows, int capacity,
       int stride) {
  int r = blockIdx.y;
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride) {
    return;
  }
  int i = e / stride;
  int j = e - i * stride;
  int example = order ? order[(long long)r * n + first + i] : first + i;
  x[((long long)r * capacity + i) * stride + j] = inputs[r][(long long)example * stride + j];
  if (j == 0) {
    y[(long long)r * capacity + i] = labels[r][example];
  }
}
