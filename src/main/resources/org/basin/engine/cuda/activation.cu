// Activations of a layer's batch, and the way back through them, where no normalisation comes between.
//
// a, z, delta  [R, capacity, stride], of which [R, rows, width] are the layer's; what stands behind width in a row
//              (a one for the next layer's biases) stays.
//
// One thread a value; blockIdx.y is the replica. Bound by memory: each value is read and written once.
#include "activation.cuh"

// a <- phi(a); z receives what a was, for GELU alone (null otherwise).
extern "C" __global__ void __launch_bounds__(256)
activate(float* __restrict__ a, float* __restrict__ z, int kind, int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride || e % stride >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * capacity * stride + e;
  float before = a[at];
  if (z) {
    z[at] = before;
  }
  a[at] = activation(kind, before);
}

// delta <- delta phi'(.): from the derivative by the layer's outputs to that by its pre-activations.
extern "C" __global__ void __launch_bounds__(256)
activate_backward(float* __restrict__ delta, const float* __restrict__ a, const float* __restrict__ z, int kind,
                  int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride || e % stride >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * capacity * stride + e;
  delta[at] *= activation_slope(kind, a[at], z ? z[at] : 0.0f);
}
