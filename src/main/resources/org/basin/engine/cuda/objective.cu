// The loss of an objective's outputs with its first and second derivative, and sums over its examples.
//
//   cross-entropy   l = log sum_k exp f_k - sum_k y_k f_k     dl/df = p - y            H t = p (t - p't)
//   mse             l = sum_k (f_k - y_k)^2 / K               dl/df = 2 (f - y) / K    H t = 2 t / K
//
// with p = softmax(f) and smoothed targets y: `on` for an example's own class, `off` for the others (Szegedy et al.
// 2016). The objective is the mean over all examples, of which a chunk has `rows`; `share` is 1/n, or 2/(K n) for mse.
//
// f, delta  [points, capacity, stride], of which [points, rows, classes] are the outputs
// labels    [R, examples] of R networks, from the chunk's first on; point (or vector) i is of network i % R
//
// blockIdx.y is the point (or the vector). The numbers of the losses are those of org.basin.engine.cuda.KernelCodes.
#define CROSS_ENTROPY 0
#define MSE 1

// parts[r, blockIdx.x] <- sum of a block's losses, in double precision; delta, unless null, receives the derivative of
// the mean loss, and f then what objective_curvature needs: p, where the loss is cross-entropy. One thread an example;
// the threads' losses are added in a tree.
extern "C" __global__ void __launch_bounds__(128)
objective_loss(float* __restrict__ f, float* __restrict__ delta, const int* __restrict__ labels, int networks,
               int examples, double* __restrict__ parts, int kind, double on, double off, double share, int rows,
               int capacity, int classes, int stride) {
  __shared__ double shared[128];
  int r = blockIdx.y;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  double loss = 0.0;
  if (i < rows) {
    long long at = ((long long)r * capacity + i) * stride;
    float* row = f + at;
    int label = labels[(long long)(r % networks) * examples + i];
    if (kind == CROSS_ENTROPY) {
      float largest = row[0];
      for (int k = 1; k < classes; k++) {
        largest = row[k] > largest ? row[k] : largest; // a NaN that is passed over here is met in the sum
      }
      double sum = 0.0;
      double hits = 0.0;
      for (int k = 0; k < classes; k++) {
        float below = row[k] - largest;
        double target = k == label ? on : off;
        hits += target == 0.0 ? 0.0 : target * below; // what is below may be infinite, the loss not
        float e = expf(below);
        sum += e;
        if (delta) {
          row[k] = e;
        }
      }
      loss = log(sum) - hits;
      if (delta) {
        float inverse = (float)(1.0 / sum);
        float others = 0.0f;
        for (int k = 0; k < classes; k++) {
          float p = row[k] * inverse;
          row[k] = p;
          float d = (p - (float)off) * (float)share;
          delta[at + k] = d;
          others += k == label ? 0.0f : d;
        }
        // The derivatives of an example sum to 0: so found, that of its own class keeps its digits where p is close
        // to 1.
        delta[at + label] = -others;
      }
    } else {
      for (int k = 0; k < classes; k++) {
        double difference = row[k] - (k == label ? on : off);
        loss += difference * difference;
        if (delta) {
          delta[at + k] = (float)(difference * share);
        }
      }
      loss /= classes;
    }
  }
  shared[threadIdx.x] = loss;
  __syncthreads();
  for (int half = 64; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared[threadIdx.x] += shared[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    parts[(long long)r * gridDim.x + blockIdx.x] = shared[0];
  }
}

// sums[r] <- sum of the `count` parts, or += that. One block of 256 threads a point.
extern "C" __global__ void __launch_bounds__(256)
objective_sum(const double* __restrict__ parts, double* __restrict__ sums, int count, int add) {
  __shared__ double shared[256];
  int r = blockIdx.y;
  double sum = 0.0;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    sum += parts[(long long)r * count + i];
  }
  shared[threadIdx.x] = sum;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared[threadIdx.x] += shared[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    sums[r] = (add ? sums[r] : 0.0) + shared[0];
  }
}

// t <- the mean loss's Hessian by the outputs, times t. One thread an example.
//
// t             [V, capacity, stride]
// p             what objective_loss left at R points; vector v is at point v % R, as in all that follows
extern "C" __global__ void __launch_bounds__(128)
objective_curvature(float* __restrict__ t, const float* __restrict__ p, int points, const int* __restrict__ labels,
                    int examples, int kind, double share, int rows, int capacity, int classes, int stride) {
  int v = blockIdx.y;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= rows) {
    return;
  }
  float* row = t + ((long long)v * capacity + i) * stride;
  float scale = (float)share;
  if (kind == MSE) {
    for (int k = 0; k < classes; k++) {
      row[k] *= scale;
    }
    return;
  }
  int r = v % points;
  const float* q = p + ((long long)r * capacity + i) * stride;
  // The same for t + constant: with the own class's taken away, t - p't keeps its digits where p is close to 1.
  float own = row[labels[(long long)r * examples + i]];
  float dot = 0.0f;
  for (int k = 0; k < classes; k++) {
    float above = row[k] - own;
    row[k] = above;
    dot += q[k] * above;
  }
  for (int k = 0; k < classes; k++) {
    row[k] = scale * q[k] * (row[k] - dot);
  }
}

// total[v] <- part[v], or += that; both [V, size]. One thread a value, as in all below.
extern "C" __global__ void __launch_bounds__(256)
accumulate(double* __restrict__ total, const float* __restrict__ part, int size, int add) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= size) {
    return;
  }
  long long at = (long long)blockIdx.y * size + e;
  total[at] = (add ? total[at] : 0.0) + part[at];
}

// total[v] += coefficient x[v] on `count` values from `from` on: the penalty of a layer's weights. Both [V, size].
extern "C" __global__ void __launch_bounds__(256)
penalize(double* __restrict__ total, const float* __restrict__ x, double coefficient, int from, int count, int size) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= count) {
    return;
  }
  long long at = (long long)blockIdx.y * size + from + e;
  total[at] += coefficient * x[at];
}

// out[v] <- total[v] in single precision; both [V, size].
extern "C" __global__ void __launch_bounds__(256)
narrow(float* __restrict__ out, const double* __restrict__ total, int size) {
  int e = blockIdx.x * blockDim.x + threadIdx.x;
  if (e >= size) {
    return;
  }
  long long at = (long long)blockIdx.y * size + e;
  out[at] = (float)total[at];
}
