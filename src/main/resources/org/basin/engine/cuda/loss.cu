// The loss of a batch's outputs, and its derivative by them; formulas stand in loss.cuh.
//
// f          [R, capacity, stride], of which [R, rows, classes] are the outputs
// smoothing  [R]
#include "loss.cuh"

// f <- derivative of the mean over the rows. One thread an example: classes are few. y [R, capacity].
extern "C" __global__ void __launch_bounds__(128)
loss_derivative(float* __restrict__ f, const int* __restrict__ y, const float* __restrict__ smoothing, int kind,
                int rows, int capacity, int classes, int stride) {
  int r = blockIdx.y;
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= rows) {
    return;
  }
  float* row = f + ((long long)r * capacity + i) * stride;
  loss_derivative_of<1>(row, 0, y[(long long)r * capacity + i], smoothing[r], kind, rows, classes);
}

// sums[r] += (sum of the rows' losses, number of wrong rows), in double precision.
//
// labels [R] addresses of [n]; the row i is example first + i. smoothing null: plain losses. The predicted class is the
// first of the largest outputs; a row with a NaN is wrong. One block of 256 threads a replica, blockIdx.y; thread t adds
// the rows t, t + 256, ..., and the threads' sums are added in a tree: the same outputs always give the same bits.
extern "C" __global__ void __launch_bounds__(256)
loss_sums(const float* __restrict__ f, const int* const* __restrict__ labels, const float* __restrict__ smoothing,
          double* __restrict__ sums, int kind, int first, int rows, int capacity, int classes, int stride) {
  __shared__ double shared_losses[256];
  __shared__ int shared_wrong[256];
  int r = blockIdx.y;
  double s = smoothing ? (double)smoothing[r] : 0.0;
  double total = 0.0;
  int wrong = 0;
  for (int i = threadIdx.x; i < rows; i += blockDim.x) {
    const float* row = f + ((long long)r * capacity + i) * stride;
    int label = labels[r][first + i];
    int best = 0;
    bool number = true;
    for (int k = 0; k < classes; k++) {
      number = number && row[k] == row[k];
      best = row[k] > row[best] ? k : best;
    }
    wrong += number && best == label ? 0 : 1;
    if (kind == CROSS_ENTROPY) {
      double largest = row[best];
      double sum = 0.0;
      double exponentials = 0.0;
      for (int k = 0; k < classes; k++) {
        sum += row[k];
        exponentials += exp(row[k] - largest);
      }
      double smoothed = s > 0.0 ? s / classes * sum : 0.0; // the sum may be infinite, the loss not
      total += largest + log(exponentials) - (1.0 - s) * row[label] - smoothed;
    } else {
      double squares = 0.0;
      for (int k = 0; k < classes; k++) {
        double difference = row[k] - ((k == label ? 1.0 - s : 0.0) + s / classes);
        squares += difference * difference;
      }
      total += squares / classes;
    }
  }
  shared_losses[threadIdx.x] = total;
  shared_wrong[threadIdx.x] = wrong;
  __syncthreads();
  for (int half = 128; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      shared_losses[threadIdx.x] += shared_losses[threadIdx.x + half];
      shared_wrong[threadIdx.x] += shared_wrong[threadIdx.x + half];
    }
    __syncthreads();
  }
  if (threadIdx.x == 0) {
    sums[2 * r] += shared_losses[0];
    sums[2 * r + 1] += shared_wrong[0];
  }
}
