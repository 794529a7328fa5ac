// The derivative of a batch's mean loss by the outputs of one of its examples.
//
//   cross-entropy   l_i = log sum_k exp f_ik - sum_k t_ik f_ik     dl/df_ik = softmax(f_i)_k - t_ik
//   mse             l_i = sum_k (f_ik - t_ik)^2 / K                dl/df_ik = 2 (f_ik - t_ik) / K
//
// with targets t_ik = [k = y_i] (1 - s) + s / K, s the label smoothing of the replica (Szegedy et al. 2016).
//
// The numbers of the losses are those of org.basin.engine.cuda.KernelCodes.
#define CROSS_ENTROPY 0
#define MSE 1

// Sum, or largest, over LANES neighbouring lanes of a warp, of which every one has it; all of the warp's call it.
template <int LANES>
static __device__ __forceinline__ float sum_over_lanes(float value) {
#pragma unroll
  for (int bit = 1; bit < LANES; bit *= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, bit);
  }
  return value;
}

template <int LANES>
static __device__ __forceinline__ float largest_over_lanes(float value) {
#pragma unroll
  for (int bit = 1; bit < LANES; bit *= 2) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, bit));
  }
  return value;
}

// row [classes] <- its derivative, for an example among `rows`. LANES neighbouring lanes of a warp share an example,
// each with every LANES-th class; all of the warp's call it, those without an example with classes = 0.
template <int LANES>
static __device__ __forceinline__ void loss_derivative_of(float* row, int lane, int label, float smoothing, int kind,
                                                          int rows, int classes) {
  float off = smoothing / classes;
  float on = 1.0f - smoothing + off;
  if (kind == CROSS_ENTROPY) {
    float largest = -3.40282347e38f; // a NaN is passed over here, and met in the sum
    for (int k = lane; k < classes; k += LANES) {
      largest = fmaxf(largest, row[k]);
    }
    largest = largest_over_lanes<LANES>(largest);
    float sum = 0.0f;
    for (int k = lane; k < classes; k += LANES) {
      float e = expf(row[k] - largest);
      row[k] = e;
      sum += e;
    }
    float inverse = 1.0f / sum_over_lanes<LANES>(sum);
    for (int k = lane; k < classes; k += LANES) {
      row[k] = (row[k] * inverse - (k == label ? on : off)) / rows;
    }
  } else {
    float scale = 2.0f / ((float)classes * rows);
    for (int k = lane; k < classes; k += LANES) {
      row[k] = (row[k] - (k == label ? on : off)) * scale;
    }
  }
}
