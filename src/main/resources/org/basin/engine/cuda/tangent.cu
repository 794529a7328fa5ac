// Tangents R{.} (Pearlmutter 1994) through activations, where no normalisation comes between, and the backward pass
// that they need.
//
//   a, z, delta, curve  [R, capacity, stride] of points, of which [R, rows, width] are the layer's; z, the activation's
//                       inputs, for GELU alone (null otherwise); curve where phi bends (null otherwise)
//   t, u, d             [V, capacity, stride] of vectors; vector v is at point v % points
//
// One thread a value; blockIdx.y is the point, or the vector. Bound by memory: each value is read and written once.
#include "activation.cuh"

// delta <- delta phi'(.), from the derivative by the layer's outputs to that by its pre-activations; curve receives
// delta phi''(.).
extern "C" __global__ void __launch_bounds__(256)
linearize_backward(float* __restrict__ delta, float* __restrict__ curve, const float* __restrict__ a,
                   const float* __restrict__ z, int kind, int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride || e % stride >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * capacity * stride + e;
  float input = z ? z[at] : 0.0f;
  float d = delta[at];
  if (curve) {
    curve[at] = d * activation_bend(kind, a[at], input);
  }
  delta[at] = d * activation_slope(kind, a[at], input);
}

// R{a} = phi' R{z}: t <- phi' t; u, unless null, receives what t was.
extern "C" __global__ void __launch_bounds__(256)
tangent_activate(float* __restrict__ t, float* __restrict__ u, const float* __restrict__ a,
                 const float* __restrict__ z, int points, int kind, int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride || e % stride >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * capacity * stride + e;
  long long of = (long long)(blockIdx.y % points) * capacity * stride + e;
  float before = t[at];
  if (u) {
    u[at] = before;
  }
  t[at] = before * activation_slope(kind, a[of], z ? z[of] : 0.0f);
}

// R{dz} = R{da} phi' + da phi'' R{z}: d <- phi' d + curve u; without the second term where u is null.
extern "C" __global__ void __launch_bounds__(256)
tangent_activate_backward(float* __restrict__ d, const float* __restrict__ u, const float* __restrict__ curve,
                          const float* __restrict__ a, const float* __restrict__ z, int points, int kind, int rows,
                          int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= rows * stride || e % stride >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * capacity * stride + e;
  long long of = (long long)(blockIdx.y % points) * capacity * stride + e;
  float tangent = d[at] * activation_slope(kind, a[of], z ? z[of] : 0.0f);
  if (u) {
    tangent += curve[of] * u[at];
  }
  d[at] = tangent;
}
