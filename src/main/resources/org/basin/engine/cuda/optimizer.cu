// From the gradient to the next parameters: its norm, clipping, the optimiser; for all replicas of a stack.
//
// theta, gradient, first, second  [R, stride], of which [R, size]; second only for Adam, first not for SGD (else null)
// hyper     [R]
#include "optimizer.cuh"

// norms[r, part] = (sum of g_i^2, sum of clamp(g_i)^2) over a part of the parameters, in double precision.
//
// norms [R, PARTS, 2]. One block of 256 threads a part, blockIdx.x; the sums of a block are added in a tree, so that the
// same gradient always gives the same bits.
extern "C" __global__ void __launch_bounds__(256)
gradient_norms(const float* __restrict__ gradient, double* __restrict__ norms,
               const Hyperparameters* __restrict__ hyper, int size, long long stride) {
  __shared__ double shared_raw[256];
  __shared__ double shared_clamped[256];
  int r = blockIdx.y;
  float bound = hyper[r].elementwise;
  const float* g = gradient + r * stride;
  double raw = 0.0;
  double clamped = 0.0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < size; i += PARTS * blockDim.x) {
    double value = g[i];
    double bounded = clamp(g[i], bound);
    raw += value * value;
    clamped += bounded * bounded;
  }
  shared_raw[threadIdx.x] = raw;
  shared_clamped[threadIdx.x] = clamped;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared_raw[threadIdx.x] += shared_raw[threadIdx.x + half];
      shared_clamped[threadIdx.x] += shared_clamped[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    norms[2 * (r * PARTS + blockIdx.x)] = shared_raw[0];
    norms[2 * (r * PARTS + blockIdx.x) + 1] = shared_clamped[0];
  }
}

// Parameters [from, to) that share a multiplier of the learning rate, of one block.
struct Tile {
  int from;
  int to;
  float multiplier;
  int weight; // 1 for weights, 0 for biases, gamma, beta
};

// theta <- the optimiser's step along the clipped gradient.
//
// tiles  [gridDim.x]: every parameter is in one
// rates  [R, steps, 2]: scheduled rate, and the same with Adam's correction; the step's are at `step`
// norms  as gradient_norms leaves it; null when no replica has a bound of the norm
extern "C" __global__ void __launch_bounds__(256)
optimize(float* __restrict__ theta, const float* __restrict__ gradient, float* __restrict__ first,
         float* __restrict__ second, const Hyperparameters* __restrict__ hyper, const Tile* __restrict__ tiles,
         const float* __restrict__ rates, const double* __restrict__ norms, int kind, int steps, int step,
         long long stride) {
  int r = blockIdx.y;
  Hyperparameters h = hyper[r];
  float scale = 1.0f;
  if (norms) {
    double squares = 0.0;
    for (int part = 0; part < PARTS; part++) {
      squares += norms[2 * (r * PARTS + part) + 1];
    }
    double norm = sqrt(squares);
    if (norm > h.global_norm) {
      scale = (float)(h.global_norm / norm);
    }
  }
  Tile tile = tiles[blockIdx.x];
  const float* rate = rates + 2 * ((long long)r * steps + step);
  float plain = rate[0] * tile.multiplier;
  float corrected = rate[1] * tile.multiplier;
  for (int i = tile.from + threadIdx.x; i < tile.to; i += blockDim.x) {
    long long at = r * stride + i;
    float g = clamp(gradient[at], h.elementwise) * scale;
    optimizer_step(kind, h, tile.weight != 0, plain, corrected, g, &theta[at], first ? &first[at] : 0,
                   second ? &second[at] : 0);
  }
}
