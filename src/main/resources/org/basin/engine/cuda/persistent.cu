// Many optimiser steps of small networks in one launch: a block trains a replica, whose parameters, gradient and batch
// stay in shared memory from the first step to the last. Nothing goes to device memory between steps but, where shared
// memory is short, the optimiser's state.
//
// The arithmetic is that of the layered path (gather.cu, cuBLAS, activation.cu, batchnorm.cu, loss.cu, optimizer.cu),
// with sums in another order. A layer is z = [a, 1] [W; b]; then
//
//   forward    z [rows, out]      = a [rows, in] [W; b] [in, out], activated where it is made
//   gradient   d[W; b] [in, out]  = a^T dz
//   backward   dz below [rows, fanIn] = (dz W^T) phi'(.), in the place of a, which nobody needs any more
//
// A batch that does not fit is taken in chunks of `capacity` rows, whose gradients are added up.
//
// Each product is cut into tiles of 4 columns and 1, 2 or 4 rows, a tile a thread. Rows of activations and weights are
// an odd number of 4 floats apart, so that 8 threads that read 16 bytes each of 8 neighbouring rows meet 32 different
// banks. What stands behind the last column of a row is 0 and takes part in products as such.
//
// What stands where, and how each product is cut, is planned by org.basin.engine.cuda.PersistentLayout.
#include "activation.cuh"
#include "batchnorm.cuh"
#include "loss.cuh"
#include "optimizer.cuh"

#define MOST_THREADS 512
#define WARP 32
#define ALL_LANES 0xffffffffu
#define HELD 4       // 16 bytes of the next batch that a thread carries through the optimiser
#define LOSS_LANES 4 // of an example
#define NOWHERE -1

// Offsets are in words from the start of shared memory.
struct Network {
  int layers;
  int ranges;
  int parameters;
  int statistics;
  int classes;
  int activation;
  int loss;
  int optimizer;
  int capacity;  // rows of a chunk
  int gradient;  // [parameters], in the order of theta in device memory
  int first;     // [parameters]; NOWHERE: in device memory
  int second;
  int mean;      // [statistics], running
  int variance;
  int inverse;   // [statistics], of the batch
  int sums;      // [MOST_THREADS / WARP, 2] doubles
  int labels;    // [capacity]
  int examples;  // [capacity], of the next chunk
  int words;     // all
};

struct Layer {
  int fan_in;
  int in; // rows of [W; b]
  int out;
  int weights; // [in up to 4, weight_stride]
  int weight_stride;
  int parameters; // of [W; b] in theta
  int a;          // [capacity, a_stride], what it reads
  int a_stride;
  int z; // [capacity, z_stride], what it gives
  int z_stride;
  int kept;         // [capacity, z_stride]: z before GELU, or xhat
  int gamma;        // of gamma, beta [2, out] in theta; NOWHERE: not normalised
  int scale;        // the same in shared memory
  int statistics;
  int phi;          // activation that the product ends in
  int one;          // whether a one stands behind what it gives
  int forward_rows; // of a tile
  int backward_rows;
  int slice_bits;   // log2 of the threads that share a tile of the gradient
};

// Parameters [from, to) of one multiplier, a matrix of so many columns at `at`.
struct Range {
  int from;
  int to;
  float multiplier;
  int weight; // 1 for weights, 0 for biases, gamma, beta
  int at;
  int columns;
  int stride;
};

static __device__ __forceinline__ int place(const Range& range, int e) {
  int row = (e - range.from) / range.columns;
  return range.at + row * range.stride + e - range.from - row * range.columns;
}

static __device__ __forceinline__ float4 load4(const float* at) {
  return *reinterpret_cast<const float4*>(at);
}

static __device__ __forceinline__ void store4(float* at, float4 values) {
  *reinterpret_cast<float4*>(at) = values;
}

static __device__ __forceinline__ void add_multiple(float* sum, float x, float4 y) {
  sum[0] = fmaf(x, y.x, sum[0]);
  sum[1] = fmaf(x, y.y, sum[1]);
  sum[2] = fmaf(x, y.z, sum[2]);
  sum[3] = fmaf(x, y.w, sum[3]);
}

static __device__ __forceinline__ float add_product(float sum, float4 x, float4 y) {
  return fmaf(x.w, y.w, fmaf(x.z, y.z, fmaf(x.y, y.y, fmaf(x.x, y.x, sum))));
}

// Four values at once, of one kind, so that they are under way together.
static __device__ __forceinline__ float4 activations(int kind, float4 z) {
#define OF(KIND) \
  make_float4(activation(KIND, z.x), activation(KIND, z.y), activation(KIND, z.z), activation(KIND, z.w))
  switch (kind) {
    case RELU: return OF(RELU);
    case TANH: return OF(TANH);
    case GELU: return OF(GELU);
    default: return z;
  }
#undef OF
}

static __device__ __forceinline__ float4 activation_slopes(int kind, float4 a, float4 z) {
#define OF(KIND)                                                                  \
  make_float4(activation_slope(KIND, a.x, z.x), activation_slope(KIND, a.y, z.y), \
              activation_slope(KIND, a.z, z.z), activation_slope(KIND, a.w, z.w))
  switch (kind) {
    case RELU: return OF(RELU);
    case TANH: return OF(TANH);
    case GELU: return OF(GELU);
    default: return OF(IDENTITY);
  }
#undef OF
}

// z <- phi(a [W; b]), and what stands behind it. A thread's rows are a row of threads apart.
template <int ROWS>
static __device__ __forceinline__ void forward(Layer layer, float* shared, int rows) {
  int a_stride = layer.a_stride;
  int weight_stride = layer.weight_stride;
  int in = layer.in;
  int groups = (layer.out + 3) / 4;
  int apart = (rows + ROWS - 1) / ROWS;
  for (int tile = threadIdx.x; tile < apart * groups; tile += blockDim.x) {
    int top = tile / groups;
    int column = 4 * (tile - top * groups);
    const float* x = shared + layer.a + top * a_stride;
    const float* w = shared + layer.weights + column;
    float sum[ROWS][4] = {};
#pragma unroll(ROWS == 4 ? 1 : 2)
    for (int k = 0; k < in; k += 4) {
      float4 values[ROWS];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        values[r] = load4(x + r * apart * a_stride + k);
      }
      float4 w0 = load4(w + k * weight_stride);
      float4 w1 = load4(w + (k + 1) * weight_stride);
      float4 w2 = load4(w + (k + 2) * weight_stride);
      float4 w3 = load4(w + (k + 3) * weight_stride);
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        add_multiple(sum[r], values[r].x, w0);
        add_multiple(sum[r], values[r].y, w1);
        add_multiple(sum[r], values[r].z, w2);
        add_multiple(sum[r], values[r].w, w3);
      }
    }
    float* z = shared + layer.z + column;
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      int row = top + r * apart;
      if (row < rows) {
        store4(z + row * layer.z_stride, make_float4(sum[r][0], sum[r][1], sum[r][2], sum[r][3]));
      }
    }
    int out = layer.out - column;
    float behind = layer.one ? 1.0f : 0.0f;
#pragma unroll 1
    for (int row = top; row < rows; row += apart) {
      float* at = z + row * layer.z_stride;
      float4 before = load4(at);
      if (layer.phi == GELU) {
        store4(shared + layer.kept + column + row * layer.z_stride, before);
      }
      float4 value = activations(layer.phi, before);
      value.y = out > 1 ? value.y : out == 1 ? behind : 0.0f;
      value.z = out > 2 ? value.z : out == 2 ? behind : 0.0f;
      value.w = out > 3 ? value.w : out == 3 ? behind : 0.0f;
      store4(at, value);
    }
  }
}

static __device__ __forceinline__ void forward(Layer layer, float* shared, int rows) {
  switch (layer.forward_rows) {
    case 4: forward<4>(layer, shared, rows); break;
    case 2: forward<2>(layer, shared, rows); break;
    default: forward<1>(layer, shared, rows); break;
  }
}

// Of 2 HALF sums this lane keeps the one half, to which it adds what its neighbour has of it; returns where that began.
template <int HALF>
static __device__ __forceinline__ int halve(float* sum, int slice, int bit) {
  bool upper = slice & bit;
#pragma unroll
  for (int m = 0; m < HALF; m++) {
    float low = sum[m];
    float high = sum[m + HALF];
    float other = __shfl_xor_sync(ALL_LANES, upper ? low : high, bit);
    sum[m] = (upper ? high : low) + other;
  }
  return upper ? HALF : 0;
}

// gradient <- a^T dz, or += that. 2^slice_bits neighbouring lanes share a tile of 4 x 4; each sums one row of so many,
// then they halve the tile again and again, each adding what the other has summed of its half.
static __device__ __forceinline__ void weight_gradient(Layer layer, const float* shared, float* gradient, int rows,
                                                       bool add) {
  int bits = layer.slice_bits;
  int slices = 1 << bits;
  int slice = threadIdx.x & (slices - 1);
  int lane = threadIdx.x % WARP;
  int groups = (layer.out + 3) / 4;
  int tiles = (layer.in + 3) / 4 * groups;
  for (int begin = threadIdx.x - lane; begin < tiles << bits; begin += blockDim.x) {
    int tile = (begin + lane) >> bits;
    bool mine = tile < tiles;
    tile = mine ? tile : 0;
    int row = tile / groups;
    int column = 4 * (tile - row * groups);
    row *= 4;
    const float* x = shared + layer.a + row;
    const float* d = shared + layer.z + column;
    float sum[16] = {};
#pragma unroll 4
    for (int i = slice; i < rows; i += slices) {
      float4 values = load4(x + i * layer.a_stride);
      float4 deltas = load4(d + i * layer.z_stride);
      add_multiple(sum, values.x, deltas);
      add_multiple(sum + 4, values.y, deltas);
      add_multiple(sum + 8, values.z, deltas);
      add_multiple(sum + 12, values.w, deltas);
    }
    int from = 0; // of what this lane ends with
    if (bits > 0) {
      from += halve<8>(sum, slice, 1);
    }
    if (bits > 1) {
      from += halve<4>(sum, slice, 2);
    }
    if (bits > 2) {
      from += halve<2>(sum, slice, 4);
    }
    if (bits > 3) {
      from += halve<1>(sum, slice, 8);
    }
    if (bits == 5) {
      sum[0] += __shfl_xor_sync(ALL_LANES, sum[0], 16);
    }
    mine = mine && slice < 16;
#pragma unroll
    for (int m = 0; m < 16; m++) {
      int k = row + (from + m) / 4;
      int j = column + (from + m) % 4;
      if (mine && (m == 0 || m < 16 >> bits) && k < layer.in && j < layer.out) {
        float* to = gradient + layer.parameters + k * layer.out + j;
        *to = add ? *to + sum[m] : sum[m];
      }
    }
  }
}

// a <- (dz W^T) phi'(.), phi the activation that made a. A thread's columns are a quarter of the row apart, so that
// neighbouring threads read neighbouring rows of W.
template <int ROWS>
static __device__ __forceinline__ void backward(const Network& network, Layer layer, Layer below, float* shared,
                                                int rows) {
  int z_stride = layer.z_stride;
  int weight_stride = layer.weight_stride;
  int out = layer.out;
  int fan_in = layer.fan_in;
  int groups = (fan_in + 3) / 4;
  int apart = (rows + ROWS - 1) / ROWS;
  for (int tile = threadIdx.x; tile < apart * groups; tile += blockDim.x) {
    int top = tile / groups;
    int left = tile - top * groups;
    float* a = shared + layer.a + left;
    bool normalized = below.gamma != NOWHERE;
    int last = fan_in - 1 - left; // what stands behind the last column goes no further
#pragma unroll 1
    for (int row = top; row < rows; row += apart) {
      float* at = a + row * layer.a_stride;
      float4 values = make_float4(at[0], at[groups], at[2 * groups], at[3 * groups]);
      float4 inputs = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
      if (network.activation == GELU) {
        const float* kept = shared + below.kept + left + row * layer.a_stride;
        inputs = make_float4(kept[0], kept[groups], kept[2 * groups], kept[3 * groups]);
        if (normalized) {
          const float* scale = shared + below.scale + left;
          const float* shift = scale + fan_in;
          inputs.x = scale[0] * inputs.x + shift[0];
          inputs.y = last < groups ? 0.0f : scale[groups] * inputs.y + shift[groups];
          inputs.z = last < 2 * groups ? 0.0f : scale[2 * groups] * inputs.z + shift[2 * groups];
          inputs.w = last < 3 * groups ? 0.0f : scale[3 * groups] * inputs.w + shift[3 * groups];
        }
      }
      float4 slopes = activation_slopes(network.activation, values, inputs);
      at[0] = slopes.x;
      at[groups] = slopes.y;
      at[2 * groups] = slopes.z;
      at[3 * groups] = slopes.w;
    }
    const float* d = shared + layer.z + top * z_stride;
    const float* w = shared + layer.weights + left * weight_stride;
    float sum[ROWS][4] = {};
#pragma unroll(ROWS == 4 ? 1 : 2)
    for (int j = 0; j < out; j += 4) {
      float4 deltas[ROWS];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        deltas[r] = load4(d + r * apart * z_stride + j);
      }
#pragma unroll
      for (int c = 0; c < 4; c++) {
        float4 weights = load4(w + groups * c * weight_stride + j);
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          sum[r][c] = add_product(sum[r][c], deltas[r], weights);
        }
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      int row = top + r * apart;
      if (row < rows) {
#pragma unroll
        for (int c = 0; c < 4; c++) {
          float* to = a + row * layer.a_stride + groups * c;
          *to = groups * c <= last ? *to * sum[r][c] : 0.0f;
        }
      }
    }
  }
}

static __device__ __forceinline__ void backward(const Network& network, Layer layer, Layer below, float* shared,
                                                int rows) {
  switch (layer.backward_rows) {
    case 4: backward<4>(network, layer, below, shared, rows); break;
    case 2: backward<2>(network, layer, below, shared, rows); break;
    default: backward<1>(network, layer, below, shared, rows); break;
  }
}

// Batch normalisation as in batchnorm.cu. A warp has 4 units, each with 8 lanes of rows.
static __device__ __forceinline__ float over_rows(float value) {
  value += __shfl_xor_sync(ALL_LANES, value, 4);
  value += __shfl_xor_sync(ALL_LANES, value, 8);
  return value + __shfl_xor_sync(ALL_LANES, value, 16);
}

static __device__ __forceinline__ void normalize(const Network& network, Layer layer, float* shared, int rows) {
  int lane = threadIdx.x % WARP;
  int stride = layer.z_stride;
  for (int unit = threadIdx.x / WARP * 4; unit < layer.out; unit += blockDim.x / WARP * 4) {
    int j = unit + lane % 4;
    int mine = j < layer.out ? rows : 0;
    float* z = shared + layer.z + j;
    float sum = 0.0f;
    for (int i = lane / 4; i < mine; i += 8) {
      sum += z[i * stride];
    }
    float mean = over_rows(sum) / rows;
    float squares = 0.0f;
    for (int i = lane / 4; i < mine; i += 8) {
      float centered = z[i * stride] - mean;
      squares += centered * centered;
    }
    float variance = over_rows(squares) / rows;
    float scale = 1.0f / sqrtf(variance + EPSILON);
    if (mine && lane < 4) {
      int s = layer.statistics + j;
      float* running_mean = shared + network.mean + s;
      float* running_variance = shared + network.variance + s;
      *running_mean = DECAY * *running_mean + (1.0f - DECAY) * mean;
      *running_variance = DECAY * *running_variance + (1.0f - DECAY) * variance;
      shared[network.inverse + s] = scale;
    }
    float* xhat = shared + layer.kept + j;
    for (int i = lane / 4; i < mine; i += 8) {
      float value = (z[i * stride] - mean) * scale;
      xhat[i * stride] = value;
      z[i * stride] =
          activation(network.activation, shared[layer.scale + j] * value + shared[layer.scale + layer.out + j]);
    }
  }
}

// z: from the derivative by u to that by what was normalised.
static __device__ __forceinline__ void normalize_backward(const Network& network, Layer layer, float* shared,
                                                          float* gradient, int rows) {
  int lane = threadIdx.x % WARP;
  int stride = layer.z_stride;
  for (int unit = threadIdx.x / WARP * 4; unit < layer.out; unit += blockDim.x / WARP * 4) {
    int j = unit + lane % 4;
    int mine = j < layer.out ? rows : 0;
    float* delta = shared + layer.z + j;
    const float* xhat = shared + layer.kept + j;
    float sum = 0.0f;
    float product = 0.0f;
    for (int i = lane / 4; i < mine; i += 8) {
      sum += delta[i * stride];
      product += delta[i * stride] * xhat[i * stride];
    }
    float dbeta = over_rows(sum);
    float dgamma = over_rows(product);
    if (mine && lane < 4) {
      gradient[layer.gamma + j] = dgamma;
      gradient[layer.gamma + layer.out + j] = dbeta;
    }
    float scale = mine ? shared[layer.scale + j] * shared[network.inverse + layer.statistics + j] : 0.0f;
    dbeta /= rows;
    dgamma /= rows;
    for (int i = lane / 4; i < mine; i += 8) {
      delta[i * stride] = scale * (delta[i * stride] - dbeta - xhat[i * stride] * dgamma);
    }
  }
}

// Sum of the squares of all parts of the gradient, and of what clipping an element leaves of them; every thread has it.
static __device__ __forceinline__ double2 squares(const float* gradient, int parameters, float bound, double2* sums) {
  double2 sum = make_double2(0.0, 0.0);
  for (int e = threadIdx.x; e < parameters; e += blockDim.x) {
    double g = gradient[e];
    double bounded = clamp(gradient[e], bound);
    sum.x += g * g;
    sum.y += bounded * bounded;
  }
#pragma unroll
  for (int bit = 1; bit < WARP; bit *= 2) {
    sum.x += __shfl_xor_sync(ALL_LANES, sum.x, bit);
    sum.y += __shfl_xor_sync(ALL_LANES, sum.y, bit);
  }
  if (threadIdx.x % WARP == 0) {
    sums[threadIdx.x / WARP] = sum;
  }
  __syncthreads();
  sum = sums[0];
  for (int warp = 1; warp < blockDim.x / WARP; warp++) {
    sum.x += sums[warp].x;
    sum.y += sums[warp].y;
  }
  return sum;
}

static __device__ __forceinline__ float4 inputs4(const float* at) {
  return __ldg(reinterpret_cast<const float4*>(at)); // never written in a launch
}

// The inputs of a chunk, 16 bytes a thread at a time, rows on end: the first HELD of a thread on their way to registers,
// and from there with all others to shared memory.
static __device__ __forceinline__ void fetch(float4* held, const float* x, int stride, const int* examples, int rows,
                                             int pieces) {
#pragma unroll
  for (int h = 0; h < HELD; h++) {
    int e = threadIdx.x + h * blockDim.x;
    if (e < rows * pieces) {
      int row = e / pieces;
      held[h] = inputs4(x + (long long)examples[row] * stride + 4 * (e - row * pieces));
    }
  }
}

static __device__ __forceinline__ void put(const float4* held, float* a, int a_stride, const float* x, int stride,
                                           const int* examples, int rows, int pieces) {
#pragma unroll
  for (int h = 0; h < HELD; h++) {
    int e = threadIdx.x + h * blockDim.x;
    if (e < rows * pieces) {
      int row = e / pieces;
      store4(a + row * a_stride + 4 * (e - row * pieces), held[h]);
    }
  }
  for (int e = threadIdx.x + HELD * blockDim.x; e < rows * pieces; e += blockDim.x) {
    int row = e / pieces;
    int column = 4 * (e - row * pieces);
    store4(a + row * a_stride + column, inputs4(x + (long long)examples[row] * stride + column));
  }
}

// The clipped optimiser's step. first and second may be in shared memory or not.
static __device__ __forceinline__ void optimize(const Network& network, const Range* ranges, float* shared,
                                                const float* gradient, float* first, float* second,
                                                const Hyperparameters& hyper, float scale, const float* rates) {
  float plain = rates[0];
  float corrected = rates[1];
  int i = 0;
  for (int e = threadIdx.x; e < network.parameters; e += blockDim.x) {
    while (e >= ranges[i].to) {
      i++;
    }
    const Range& range = ranges[i];
    float g = clamp(gradient[e], hyper.elementwise) * scale;
    optimizer_step(network.optimizer, hyper, range.weight != 0, plain * range.multiplier,
                   corrected * range.multiplier, g, shared + place(range, e), first + e, second + e);
  }
}

// theta   [R, theta_stride], first and second too (null where the optimiser has none)
// running_mean/_variance  [R, statistics]
// hyper, smoothing        [R]
// inputs  [R] addresses of [examples, input_stride], rows as the first layer reads them
// labels  [R] addresses of [examples]
// orders  [R, n] indices of examples: step s takes `batch` from s * batch on, fewer where the order ends
// rates   [R, steps, 2]: scheduled rate, and the same with Adam's correction
// norms   [R, PARTS, 2], as optimizer.cu leaves it: of the last step's gradient
// plan    Network, its Layers, its Ranges: plan_words
//
// first_replica + blockIdx.y is the replica; blockDim.x a multiple of WARP, and not less than the capacity.
extern "C" __global__ void __launch_bounds__(MOST_THREADS)
persistent_steps(float* __restrict__ theta, float* __restrict__ first, float* __restrict__ second,
                 long long theta_stride, float* __restrict__ running_mean, float* __restrict__ running_variance,
                 const Hyperparameters* __restrict__ hyper, const float* __restrict__ smoothing,
                 const float* const* __restrict__ inputs, const int* const* __restrict__ labels,
                 const int* __restrict__ orders, const float* __restrict__ rates, double* __restrict__ norms,
                 const int* __restrict__ plan, int plan_words, int input_stride, int n, int batch, int steps,
                 int first_replica) {
  extern __shared__ float4 memory[];
  float* shared = reinterpret_cast<float*>(memory);
  int* words = reinterpret_cast<int*>(memory);
  const Network& network = *reinterpret_cast<const Network*>(memory);
  const Layer* layers = reinterpret_cast<const Layer*>(&network + 1);
  int r = first_replica + blockIdx.y;
  for (int e = threadIdx.x; e < plan_words; e += blockDim.x) {
    words[e] = plan[e];
  }
  __syncthreads();
  const Range* ranges = reinterpret_cast<const Range*>(layers + network.layers);
  for (int e = plan_words + threadIdx.x; e < network.words; e += blockDim.x) {
    shared[e] = 0.0f;
  }
  __syncthreads();

  theta += r * theta_stride;
  first += r * theta_stride;
  second += r * theta_stride;
  float* gradient = shared + network.gradient;
  int count = network.parameters;
  int range = 0;
  for (int e = threadIdx.x; e < count; e += blockDim.x) {
    while (e >= ranges[range].to) {
      range++;
    }
    shared[place(ranges[range], e)] = theta[e];
    if (network.first != NOWHERE) {
      shared[network.first + e] = first[e];
    }
    if (network.second != NOWHERE) {
      shared[network.second + e] = second[e];
    }
  }
  for (int s = threadIdx.x; s < network.statistics; s += blockDim.x) {
    shared[network.mean + s] = running_mean[(long long)r * network.statistics + s];
    shared[network.variance + s] = running_variance[(long long)r * network.statistics + s];
  }
  for (int l = 1; l < network.layers; l++) {
    for (int i = threadIdx.x; layers[l - 1].one && i < network.capacity; i += blockDim.x) {
      shared[layers[l].a + i * layers[l].a_stride + layers[l].fan_in] = 1.0f;
    }
  }
  float* first_moment = network.first == NOWHERE ? first : shared + network.first;
  float* second_moment = network.second == NOWHERE ? second : shared + network.second;
  float smooth = smoothing[r];
  rates += 2LL * r * steps;
  orders += (long long)r * n;
  const float* x = inputs[r];
  const int* y = labels[r];
  int* label = words + network.labels;
  int* examples = words + network.examples;
  const Layer& bottom = layers[0];
  const Layer& top = layers[network.layers - 1];
  int pieces = (bottom.in + 3) / 4; // of 16 bytes, a row of inputs

  int rows = min(network.capacity, min(batch, n));
  if (threadIdx.x < rows) {
    examples[threadIdx.x] = orders[threadIdx.x];
  }
  __syncthreads();
  float4 held[HELD];
  fetch(held, x, input_stride, examples, rows, pieces);
  put(held, shared + bottom.a, bottom.a_stride, x, input_stride, examples, rows, pieces);
  if (threadIdx.x < rows) {
    label[threadIdx.x] = __ldg(y + examples[threadIdx.x]);
  }
  __syncthreads();

  for (int step = 0; step < steps; step++) {
    int end = min((step + 1) * batch, n);
    for (int begin = step * batch; begin < end; begin += network.capacity) {
      rows = min(network.capacity, end - begin);
      int next = begin + rows;
      bool last = next == end; // of the batch
      int next_rows = min(network.capacity, (last ? min(end + batch, n) : end) - next);
      next_rows = last && step == steps - 1 ? 0 : next_rows;
      int next_example = threadIdx.x < next_rows ? orders[next + threadIdx.x] : 0;

      for (int l = 0; l < network.layers; l++) {
        forward(layers[l], shared, rows);
        __syncthreads();
        if (layers[l].gamma != NOWHERE) {
          normalize(network, layers[l], shared, rows);
          __syncthreads();
        }
      }
      for (int e = threadIdx.x; e - threadIdx.x % WARP < rows * LOSS_LANES; e += blockDim.x) {
        int i = e / LOSS_LANES;
        bool mine = i < rows;
        i = mine ? i : 0;
        loss_derivative_of<LOSS_LANES>(shared + top.z + i * top.z_stride, e % LOSS_LANES, label[i], smooth,
                                       network.loss, end - step * batch, mine ? network.classes : 0);
      }
      __syncthreads();
      bool add = begin > step * batch;
      for (int l = network.layers - 1; l > 0; l--) {
        weight_gradient(layers[l], shared, gradient, rows, add);
        __syncthreads();
        backward(network, layers[l], layers[l - 1], shared, rows);
        __syncthreads();
        if (layers[l - 1].gamma != NOWHERE) {
          normalize_backward(network, layers[l - 1], shared, gradient, rows);
          __syncthreads();
        }
      }
      if (threadIdx.x < next_rows) {
        examples[threadIdx.x] = next_example;
      }
      weight_gradient(bottom, shared, gradient, rows, add);
      __syncthreads();

      // The next chunk is under way while the optimiser works.
      fetch(held, x, input_stride, examples, next_rows, pieces);
      int next_label = threadIdx.x < next_rows ? __ldg(y + next_example) : 0;
      if (last) {
        Hyperparameters h = hyper[r];
        float scale = 1.0f;
        if (h.global_norm < 3.4e38f || step == steps - 1) {
          double2 sum = squares(gradient, count, h.elementwise, reinterpret_cast<double2*>(shared + network.sums));
          double norm = sqrt(sum.y);
          if (norm > h.global_norm) {
            scale = (float)(h.global_norm / norm);
          }
          if (step == steps - 1 && threadIdx.x < PARTS) {
            norms[2 * (r * PARTS + threadIdx.x)] = threadIdx.x == 0 ? sum.x : 0.0;
            norms[2 * (r * PARTS + threadIdx.x) + 1] = threadIdx.x == 0 ? sum.y : 0.0;
          }
        }
        optimize(network, ranges, shared, gradient, first_moment, second_moment, h, scale, rates + 2 * step);
      }
      put(held, shared + bottom.a, bottom.a_stride, x, input_stride, examples, next_rows, pieces);
      if (threadIdx.x < next_rows) {
        label[threadIdx.x] = next_label;
      }
      __syncthreads();
    }
  }

  range = 0;
  for (int e = threadIdx.x; e < count; e += blockDim.x) {
    while (e >= ranges[range].to) {
      range++;
    }
    theta[e] = shared[place(ranges[range], e)];
    if (network.first != NOWHERE) {
      first[e] = shared[network.first + e];
    }
    if (network.second != NOWHERE) {
      second[e] = shared[network.second + e];
    }
  }
  for (int s = threadIdx.x; s < network.statistics; s += blockDim.x) {
    running_mean[(long long)r * network.statistics + s] = shared[network.mean + s];
    running_variance[(long long)r * network.statistics + s] = shared[network.variance + s];
  }
}
