// Lanczos' recurrences (1950) beside their products: orthonormal bases Q, and directions w that are made orthogonal to
// them, of any sequences at once, whoever they belong to.
//
//   q_m = w / |w|,   w = H q_m,   then twice (Giraud, Langou, Rozloznik and van den Eshof 2005):   c = Q'w,   w -= Q c
//
// The second pass takes what float32 bases, whose vectors are orthogonal to 1e-8, leave of the first. All sums are in
// double precision and in a fixed order: of a chunk of w by a warp, then of the chunks by another, so the same arrays
// always give the same bits.
//
// sequences [gridDim.y]; size is the length n of a vector; blockIdx.y is the sequence.
//
// A step is  append, (products), project and reduce with TAKE, with SUBTRACT, with CORRECT, report;  combinations of a
// basis are project and reduce with COMBINE, append.
#define CHUNK 512  // values of w that stay with a block while all vectors of the basis pass by

// What krylov_project does to w before it multiplies.
#define TAKE 0      // w <- product - subtracted; w stays where there is no product
#define SUBTRACT 1  // w <- w - Q coefficients
#define CORRECT 2   // w <- w - Q corrections
#define COMBINE 3   // w <- Q coefficients

// One sequence's part in a launch; org.basin.engine.cuda.KrylovSteps writes it.
struct Sequence {
  float* basis;             // Q [m, n]
  float* slot;              // [n]: where a new vector of the basis goes, one of Q's; null: nowhere
  float* vector;            // [n]: where it goes besides, for its product to be taken; null: nowhere
  const float* product;     // [n]; null: none
  const float* subtracted;  // [n]; null: nothing
  double* direction;        // w [n]
  double* numbers;          // |product|, |w|, coefficients [m]
  double* corrections;      // [m]: coefficients of the second pass, which are in the coefficients too
  double* parts;            // [m + 1, chunks]: Q'w and w'w of each chunk
  long long dimension;      // m, the new vector included; -1: not in this launch
};

static __device__ __forceinline__ double sum_over_warp(double value) {
#pragma unroll
  for (int bit = 16; bit > 0; bit /= 2) {
    value += __shfl_xor_sync(0xffffffffu, value, bit);
  }
  return value;
}

// slot, vector <- w / |w|. One thread a value.
extern "C" __global__ void __launch_bounds__(256)
krylov_append(const Sequence* __restrict__ sequences, int size) {
  Sequence s = sequences[blockIdx.y];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (s.dimension < 0 || i >= size) {
    return;
  }
  float q = (float)(s.direction[i] / s.numbers[1]);
  if (s.slot) {
    s.slot[i] = q;
  }
  if (s.vector) {
    s.vector[i] = q;
  }
}

// w <- as `stage` says; parts <- w'w, and Q'w where another pass follows. One block a chunk of w: a thread a value,
// then a warp a vector.
extern "C" __global__ void __launch_bounds__(CHUNK)
krylov_project(const Sequence* __restrict__ sequences, int stage, int size) {
  __shared__ double chunk[CHUNK];
  Sequence s = sequences[blockIdx.y];
  if (s.dimension < 0) {
    return;
  }
  int m = (int)s.dimension;
  int first = blockIdx.x * CHUNK;
  int count = size - first < CHUNK ? size - first : CHUNK;
  if (threadIdx.x < count) {
    int i = first + threadIdx.x;
    double w = stage == COMBINE ? 0.0 : s.direction[i];
    if (stage == TAKE && s.product) {
      w = s.subtracted ? s.product[i] - s.subtracted[i] : s.product[i];
    }
    if (stage != TAKE) {
      const double* weights = stage == CORRECT ? s.corrections : s.numbers + 2;
      const float* q = s.basis + i;
#pragma unroll 8
      for (int j = 0; j < m; j++) {
        w -= weights[j] * q[(long long)j * size];
      }
    }
    w = stage == COMBINE ? -w : w;
    s.direction[i] = w;
    chunk[threadIdx.x] = w;
  }
  __syncthreads();
  int lane = threadIdx.x % 32;
  int start = stage == TAKE || stage == SUBTRACT ? 0 : m;
  for (int j = start + threadIdx.x / 32; j <= m; j += CHUNK / 32) {
    double sum = 0.0;
    if (j < m) {
      const float* q = s.basis + (long long)j * size + first;
#pragma unroll 8
      for (int e = lane; e < count; e += 32) {
        sum += q[e] * chunk[e];
      }
    } else {
      for (int e = lane; e < count; e += 32) {
        sum += chunk[e] * chunk[e];
      }
    }
    sum = sum_over_warp(sum);
    if (lane == 0) {
      s.parts[(long long)j * gridDim.x + blockIdx.x] = sum;
    }
  }
}

// Sums of the parts that krylov_project left in the same stage: coefficients, corrections, and the norms of the product
// and of w. One warp a vector of the basis, and one for the norm.
extern "C" __global__ void __launch_bounds__(256)
krylov_reduce(const Sequence* __restrict__ sequences, int stage, int chunks) {
  Sequence s = sequences[blockIdx.y];
  int m = (int)s.dimension;
  int lane = threadIdx.x % 32;
  int j = blockIdx.x * 8 + threadIdx.x / 32;
  if (j > m || (j < m && (stage == CORRECT || stage == COMBINE))) {
    return;
  }
  double sum = 0.0;
  for (int c = lane; c < chunks; c += 32) {
    sum += s.parts[(long long)j * chunks + c];
  }
  sum = sum_over_warp(sum);
  if (lane != 0) {
    return;
  }
  if (j == m) {
    s.numbers[stage == TAKE ? 0 : 1] = sqrt(sum);
  } else if (stage == TAKE) {
    s.numbers[2 + j] = sum;
  } else {
    s.corrections[j] = sum;
    s.numbers[2 + j] += sum;
  }
}

// reports[row] <- norms and coefficients, for one copy to the host; stride values from a report to the next. One thread
// a value.
extern "C" __global__ void __launch_bounds__(256)
krylov_report(const Sequence* __restrict__ sequences, double* __restrict__ reports, int stride) {
  Sequence s = sequences[blockIdx.y];
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (s.dimension < 0 || i >= s.dimension + 2) {
    return;
  }
  reports[(long long)blockIdx.y * stride + i] = s.numbers[i];
}
