// Batch normalisation u = gamma xhat + beta, xhat = (z - mean) s, s = 1 / sqrt(variance + epsilon) of an objective's
// layer (Ioffe and Szegedy 2015), by the batch's statistics or by constant ones, with the R-operator (Pearlmutter 1994)
// of its forward and backward pass.
//
//   a, z, xhat, delta, upstream  [R, capacity, stride] of points, of which [R, rows, width] are the layer's
//   t, u, unit, d                [V, capacity, stride] of vectors; vector v is at point v % points
//   mean, inverse                `statistics` values from a point to the next
//   sum, product                 [R or V, width], in double precision
//   theta, v                     [R or V, size] parameters; gamma [width] and, right behind it, beta [width] start at
//                                `gamma`
//   share                        1 / rows, so that share sum is a mean over the batch; 0 where statistics are constants
//
// One thread a value unless said otherwise; blockIdx.y is the point, or the vector.
#include "activation.cuh"

#define UNITS 32
#define LANES 8
#define SLAB 256
#define EPSILON 1e-5

// A block's sums over a slab of rows: 32 units x 8 lanes of rows, so that threads of a warp read neighbouring units;
// the lanes' are added in their order. parts [B, slabs, width, 2].
static __device__ void store_slab(double first, double second, double* parts, int slab, int slabs, int j, int width) {
  __shared__ double shared[2][LANES][UNITS];
  int lane = threadIdx.x / UNITS;
  int unit = threadIdx.x % UNITS;
  shared[0][lane][unit] = first;
  shared[1][lane][unit] = second;
  __syncthreads();
  if (lane == 0 && j < width) {
    for (int other = 1; other < LANES; other++) {
      first += shared[0][other][unit];
      second += shared[1][other][unit];
    }
    long long at = 2 * (((long long)blockIdx.y * slabs + slab) * width + j);
    parts[at] = first;
    parts[at + 1] = second;
  }
}

// parts <- (sum x, sum x y + sum upstream unit) over slabs of rows; y, and upstream with unit, may be null. x and unit
// [B, capacity, stride] of points or vectors, y and upstream of points. Blocks: slab after slab, units within.
extern "C" __global__ void __launch_bounds__(UNITS* LANES)
column_sums(const float* __restrict__ x, const float* __restrict__ y, const float* __restrict__ upstream,
            const float* __restrict__ unit, int points, double* __restrict__ parts, int rows, int capacity,
            int width, int stride) {
  int tiles = (width + UNITS - 1) / UNITS;
  int slab = blockIdx.x / tiles;
  int j = blockIdx.x % tiles * UNITS + threadIdx.x % UNITS;
  int end = min(rows, (slab + 1) * SLAB);
  double sum = 0.0;
  double product = 0.0;
  for (int i = slab * SLAB + threadIdx.x / UNITS; j < width && i < end; i += LANES) {
    long long row = (long long)i * stride + j;
    long long at = (long long)blockIdx.y * capacity * stride + row;
    long long of = (long long)(blockIdx.y % points) * capacity * stride + row;
    float value = x[at];
    sum += value;
    if (y) {
      product += value * y[of];
    }
    if (unit) {
      product += upstream[of] * unit[at];
    }
  }
  store_slab(sum, product, parts, slab, gridDim.x / tiles, j, width);
}

// parts <- (0, sum (z - mean)^2) over slabs of rows. Blocks as those of column_sums.
extern "C" __global__ void __launch_bounds__(UNITS* LANES)
column_squares(const float* __restrict__ z, const float* __restrict__ mean, double* __restrict__ parts, int rows,
               int capacity, int width, int stride) {
  int tiles = (width + UNITS - 1) / UNITS;
  int slab = blockIdx.x / tiles;
  int j = blockIdx.x % tiles * UNITS + threadIdx.x % UNITS;
  int end = min(rows, (slab + 1) * SLAB);
  float center = j < width ? mean[(long long)blockIdx.y * width + j] : 0.0f;
  double squares = 0.0;
  for (int i = slab * SLAB + threadIdx.x / UNITS; j < width && i < end; i += LANES) {
    float difference = z[((long long)blockIdx.y * capacity + i) * stride + j] - center;
    squares += difference * difference;
  }
  store_slab(0.0, squares, parts, slab, gridDim.x / tiles, j, width);
}

// sum, product <- what the slabs add up to, in their order. One thread a unit, as in the two below.
extern "C" __global__ void __launch_bounds__(128)
column_reduce(const double* __restrict__ parts, double* __restrict__ sum, double* __restrict__ product, int slabs,
              int width) {
  int j = blockIdx.x * blockDim.x + threadIdx.x;
  if (j >= width) {
    return;
  }
  double first = 0.0;
  double second = 0.0;
  for (int slab = 0; slab < slabs; slab++) {
    long long at = 2 * (((long long)blockIdx.y * slabs + slab) * width + j);
    first += parts[at];
    second += parts[at + 1];
  }
  sum[(long long)blockIdx.y * width + j] = first;
  product[(long long)blockIdx.y * width + j] = second;
}

// mean <- sum / rows; called again when the product is that of the squares, inverse <- 1 / sqrt(product / rows + epsilon).
// What is null is left out.
extern "C" __global__ void __launch_bounds__(128)
batch_statistics(float* __restrict__ mean, float* __restrict__ inverse, const double* __restrict__ sum,
                 const double* __restrict__ product, int rows, int width) {
  int j = blockIdx.x * blockDim.x + threadIdx.x;
  if (j >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * width + j;
  if (mean) {
    mean[at] = (float)(sum[at] / rows);
  }
  if (inverse) {
    inverse[at] = (float)(1.0 / sqrt(product[at] / rows + EPSILON));
  }
}

// The derivatives by gamma and beta: product and sum, into their places in out, [B, size].
extern "C" __global__ void __launch_bounds__(128)
store_scales(float* __restrict__ out, const double* __restrict__ sum, const double* __restrict__ product, int gamma,
             int width, int size) {
  int j = blockIdx.x * blockDim.x + threadIdx.x;
  if (j >= width) {
    return;
  }
  long long at = (long long)blockIdx.y * width + j;
  float* mine = out + (long long)blockIdx.y * size + gamma;
  mine[j] = (float)product[at];
  mine[width + j] = (float)sum[at];
}

// a: z to phi(u). xhat, and z (which receives u), may be null. Point r has the statistics r % sets.
extern "C" __global__ void __launch_bounds__(256)
normalize_points(float* __restrict__ a, float* __restrict__ z, float* __restrict__ xhat,
                 const float* __restrict__ mean, const float* __restrict__ inverse, int statistics, int sets,
                 const float* __restrict__ theta, int size, int gamma, int kind, int rows, int capacity, int width,
                 int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  int j = e % stride;
  if (e >= rows * stride || j >= width) {
    return;
  }
  int r = blockIdx.y;
  long long at = (long long)r * capacity * stride + e;
  long long s = (long long)(r % sets) * statistics + j;
  const float* scales = theta + (long long)r * size + gamma;
  float x = (a[at] - mean[s]) * inverse[s];
  float u = scales[j] * x + scales[width + j];
  if (xhat) {
    xhat[at] = x;
  }
  if (z) {
    z[at] = u;
  }
  a[at] = activation(kind, u);
}

// delta: du to dz = gamma s (du - mean(du) - xhat mean(du xhat)). upstream receives du.
extern "C" __global__ void __launch_bounds__(256)
normalize_points_backward(float* __restrict__ delta, float* __restrict__ upstream, const float* __restrict__ xhat,
                          const float* __restrict__ inverse, int statistics, const float* __restrict__ theta,
                          int size, int gamma, const double* __restrict__ sum, const double* __restrict__ product,
                          double share, int rows, int capacity, int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  int j = e % stride;
  if (e >= rows * stride || j >= width) {
    return;
  }
  int r = blockIdx.y;
  long long at = (long long)r * capacity * stride + e;
  long long w = (long long)r * width + j;
  float mean = (float)(share * sum[w]);
  float mean_product = (float)(share * product[w]);
  float du = delta[at];
  upstream[at] = du;
  float scale = theta[(long long)r * size + gamma + j] * inverse[(long long)r * statistics + j];
  delta[at] = scale * (du - mean - xhat[at] * mean_product);
}

// t: R{z} to R{a}, through the normalisation and the activation behind it.
//
//   R{xhat} = s (R{z} - mean(R{z}) - xhat mean(xhat R{z}))
//   R{u} = v_gamma xhat + gamma R{xhat} + v_beta
//   R{a} = phi'(u) R{u}
//
// sum, product  of R{z} and xhat R{z}
// unit          receives R{xhat}
// u             receives R{u}, unless null
// z             the points' u, for GELU alone (null otherwise)
extern "C" __global__ void __launch_bounds__(256)
tangent_normalize(float* __restrict__ t, float* __restrict__ u, float* __restrict__ unit, const float* __restrict__ a,
                  const float* __restrict__ z, const float* __restrict__ xhat, int points,
                  const float* __restrict__ inverse, int statistics, const float* __restrict__ theta,
                  const float* __restrict__ v, int size, int gamma, const double* __restrict__ sum,
                  const double* __restrict__ product, double share, int kind, int rows, int capacity, int width,
                  int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  int j = e % stride;
  if (e >= rows * stride || j >= width) {
    return;
  }
  int b = blockIdx.y;
  int r = b % points;
  long long at = (long long)b * capacity * stride + e;
  long long of = (long long)r * capacity * stride + e;
  long long w = (long long)b * width + j;
  float x = xhat[of];
  float s = inverse[(long long)r * statistics + j];
  float normalized = s * (t[at] - (float)(share * sum[w]) - x * (float)(share * product[w]));
  const float* scales = v + (long long)b * size + gamma;
  float tangent = scales[j] * x + theta[(long long)r * size + gamma + j] * normalized + scales[width + j];
  unit[at] = normalized;
  if (u) {
    u[at] = tangent;
  }
  t[at] = tangent * activation_slope(kind, a[of], z ? z[of] : 0.0f);
}

// d: R{du} to R{dz}, for products with the Hessian; without the terms in du, for Gauss-Newton, where unit is null.
//
//   R{s} = -s^2 mean(xhat R{z})
//   c = du - mean(du) - xhat mean(du xhat)
//   R{c} = R{du} - mean(R{du}) - R{xhat} mean(du xhat) - xhat mean(R{du} xhat + du R{xhat})
//   R{dz} = (v_gamma s + gamma R{s}) c + gamma s R{c}
//
// sum, product  of R{du} and of R{du} xhat + du R{xhat}
// forward       [V, width]: the product that tangent_normalize was given
// upstream_sum, upstream_product  [R, width]: of du and du xhat
extern "C" __global__ void __launch_bounds__(256)
tangent_normalize_backward(float* __restrict__ d, const float* __restrict__ unit, const float* __restrict__ upstream,
                           const float* __restrict__ xhat, int points, const float* __restrict__ inverse,
                           int statistics, const float* __restrict__ theta, const float* __restrict__ v, int size,
                           int gamma, const double* __restrict__ sum, const double* __restrict__ product,
                           const double* __restrict__ forward, const double* __restrict__ upstream_sum,
                           const double* __restrict__ upstream_product, double share, int rows, int capacity,
                           int width, int stride) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  int j = e % stride;
  if (e >= rows * stride || j >= width) {
    return;
  }
  int b = blockIdx.y;
  int r = b % points;
  long long at = (long long)b * capacity * stride + e;
  long long of = (long long)r * capacity * stride + e;
  long long w = (long long)b * width + j;
  float x = xhat[of];
  float s = inverse[(long long)r * statistics + j];
  float g = theta[(long long)r * size + gamma + j];
  float tangent = g * s * (d[at] - (float)(share * sum[w]) - x * (float)(share * product[w]));
  if (unit) {
    long long up = (long long)r * width + j;
    float mean_product = (float)(share * upstream_product[up]);
    float centered = upstream[of] - (float)(share * upstream_sum[up]) - x * mean_product;
    float slope = v[(long long)b * size + gamma + j] * s - g * s * s * (float)(share * forward[w]);
    tangent += slope * centered - g * s * mean_product * unit[at];
  }
  d[at] = tangent;
}
