// Batch normalisation u = gamma xhat + beta, xhat = (z - mean) / sqrt(variance + epsilon), fused with the activation
// behind it (Ioffe and Szegedy 2015; the variance is the biased one, in the running statistic too).
//
// a, z, xhat, delta  [R, capacity, stride], of which [R, rows, width] are the layer's
// theta              [R, theta_stride]; gamma [width] and, right behind it, beta [width] start at `gamma`
// running_mean/_variance  [R, statistics]; the layer's start at `from`
// inverse            [R, width], 1 / sqrt(variance + epsilon) of the batch
//
// A block is 32 units x 8 lanes of rows: threads of a warp read neighbouring units, and the lanes' sums are added in
// the order of the lanes, so that the same batch always gives the same bits. blockIdx.y is the replica.
#include "activation.cuh"
#include "batchnorm.cuh"

#define UNITS 32
#define LANES 8

// Sum over the lanes of one unit; every lane has it.
static __device__ float over_lanes(float value, float (*shared)[UNITS]) {
  shared[threadIdx.x / UNITS][threadIdx.x % UNITS] = value;
  __syncthreads();
  float sum = 0.0f;
  for (int lane = 0; lane < LANES; lane++) {
    sum += shared[lane][threadIdx.x % UNITS];
  }
  __syncthreads();
  return sum;
}

// a <- phi(u) by the batch's own statistics, which move the running ones. z receives u where it is needed (GELU; else
// null).
extern "C" __global__ void __launch_bounds__(UNITS* LANES)
normalize(float* __restrict__ a, float* __restrict__ z, float* __restrict__ xhat, float* __restrict__ inverse,
          const float* __restrict__ theta, long long theta_stride, int gamma, float* __restrict__ running_mean,
          float* __restrict__ running_variance, int statistics, int from, int kind, int rows, int capacity, int width,
          int stride) {
  __shared__ float shared_sums[LANES][UNITS];
  int r = blockIdx.y;
  int j = blockIdx.x * UNITS + threadIdx.x % UNITS;
  int lane = threadIdx.x / UNITS;
  bool mine = j < width;
  long long batch = (long long)r * capacity * stride + j;

  float sum = 0.0f;
  for (int i = lane; mine && i < rows; i += LANES) {
    sum += a[batch + (long long)i * stride];
  }
  float mean = over_lanes(sum, shared_sums) / rows;
  float squares = 0.0f;
  for (int i = lane; mine && i < rows; i += LANES) {
    float centered = a[batch + (long long)i * stride] - mean;
    squares += centered * centered;
  }
  float variance = over_lanes(squares, shared_sums) / rows;
  if (!mine) {
    return;
  }
  float scale = 1.0f / sqrtf(variance + EPSILON);
  if (lane == 0) {
    long long s = (long long)r * statistics + from + j;
    running_mean[s] = DECAY * running_mean[s] + (1.0f - DECAY) * mean;
    running_variance[s] = DECAY * running_variance[s] + (1.0f - DECAY) * variance;
    inverse[(long long)r * width + j] = scale;
  }
  float g = theta[r * theta_stride + gamma + j];
  float b = theta[r * theta_stride + gamma + width + j];
  for (int i = lane; i < rows; i += LANES) {
    long long at = batch + (long long)i * stride;
    float unit = (a[at] - mean) * scale;
    float u = g * unit + b;
    xhat[at] = unit;
    if (z) {
      z[at] = u;
    }
    a[at] = activation(kind, u);
  }
}

// a <- phi(u) by the running statistics. One thread a value.
extern "C" __global__ void __launch_bounds__(256)
normalize_evaluate(float* __restrict__ a, const float* __restrict__ theta, long long theta_stride, int gamma,
                   const float* __restrict__ running_mean, const float* __restrict__ running_variance, int statistics,
                   int from, int kind, int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  int j = e % stride;
  if (e >= rows * stride || j >= width) {
    return;
  }
  int r = blockIdx.y;
  long long at = (long long)r * capacity * stride + e;
  long long s = (long long)r * statistics + from + j;
  float g = theta[r * theta_stride + gamma + j];
  float b = theta[r * theta_stride + gamma + width + j];
  float unit = (a[at] - running_mean[s]) / sqrtf(running_variance[s] + EPSILON);
  a[at] = activation(kind, g * unit + b);
}

// delta: from the derivative by the layer's outputs to that by z, through activation and normalisation.
//
//   du = delta phi'(u),  dgamma = sum_i du xhat,  dbeta = sum_i du
//   dz = gamma inverse (du - dbeta / rows - xhat dgamma / rows)
//
// gradient [R, theta_stride] receives dgamma and dbeta.
extern "C" __global__ void __launch_bounds__(UNITS* LANES)
normalize_backward(float* __restrict__ delta, const float* __restrict__ a, const float* __restrict__ z,
                   const float* __restrict__ xhat, const float* __restrict__ inverse,
                   const float* __restrict__ theta, float* __restrict__ gradient, long long theta_stride, int gamma,
                   int kind, int rows, int capacity, int width, int stride) {
  __shared__ float shared_sums[LANES][UNITS];
  int r = blockIdx.y;
  int j = blockIdx.x * UNITS + threadIdx.x % UNITS;
  int lane = threadIdx.x / UNITS;
  bool mine = j < width;
  long long batch = (long long)r * capacity * stride + j;

  float sum = 0.0f;
  float product = 0.0f;
  for (int i = lane; mine && i < rows; i += LANES) {
    long long at = batch + (long long)i * stride;
    float du = delta[at] * activation_slope(kind, a[at], z ? z[at] : 0.0f);
    delta[at] = du;
    sum += du;
    product += du * xhat[at];
  }
  float dbeta = over_lanes(sum, shared_sums);
  float dgamma = over_lanes(product, shared_sums);
  if (!mine) {
    return;
  }
  long long g = r * theta_stride + gamma + j;
  if (lane == 0) {
    gradient[g] = dgamma;
    gradient[g + width] = dbeta;
  }
  float scale = theta[g] * inverse[(long long)r * width + j];
  for (int i = lane; i < rows; i += LANES) {
    long long at = batch + (long long)i * stride;
    delta[at] = scale * (delta[at] - dbeta / rows - xhat[at] * dgamma / rows);
  }
}
