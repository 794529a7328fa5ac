package org.basin.engine.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Batches of matrix products on one stream, by cuBLAS; matrices are row-major. */
final class Products implements AutoCloseable {
  /** What cuBLAS asks for on Hopper; 4 MiB on older GPUs. */
  static final long WORKSPACE_BYTES = 32L << 20;

  private static final MemorySegment ZERO = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 0f);
  private static final MemorySegment ONE = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 1f);

  private final Gpu gpu;
  private final Cublas cublas;
  private final long handle;

  /**
   * A batch of matrices, one behind the other in a GPU's memory.
   *
   * @param address of the first
   * @param rowStride values from a row to the next
   * @param stride values from a matrix to the next; 0 when all are the same
   */
  record Matrices(long address, int rowStride, long stride) {}

  /**
   * Products on {@code stream}.
   *
   * @param workspace memory for cuBLAS, of {@link #WORKSPACE_BYTES}
   * @param tf32 whether factors may be rounded to TF32
   */
  Products(Gpu gpu, Stream stream, DeviceArena.Words workspace, boolean tf32) {
    this.gpu = gpu;
    cublas = gpu.cublas();
    handle = gpu.takeProducts();
    try {
      cublas.setStream(handle, stream.handle(), workspace.address(), workspace.bytes());
      cublas.setMathMode(handle, tf32 ? Cublas.TF32_TENSOR_OP_MATH : Cublas.DEFAULT_MATH);
    } catch (CudaException failure) {
      throw gpu.cause(failure);
    }
  }

  /**
   * C_i ← op(A_i) op(B_i), or C_i += that, for {@code batch} matrices.
   *
   * @param transposeA whether op(A) is the transpose of what is stored
   * @param transposeB whether op(B) is
   * @param m rows of op(A) and C
   * @param n columns of op(B) and C
   * @param k columns of op(A), rows of op(B)
   * @param add whether the product is added to C
   */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Matrices a,
      Matrices b,
      boolean add,
      Matrices c,
      int batch) {
    // Row-major C = A B is column-major Cᵀ = Bᵀ Aᵀ: the same memory, factors exchanged.
    try {
      cublas.sgemmStridedBatched(
          handle,
          transposeB ? 1 : 0,
          transposeA ? 1 : 0,
          n,
          m,
          k,
          ONE,
          b.address,
          b.rowStride,
          b.stride,
          a.address,
          a.rowStride,
          a.stride,
          add ? ONE : ZERO,
          c.address,
          c.rowStride,
          c.stride,
          batch);
    } catch (CudaException failure) {
      throw gpu.cause(failure);
    }
  }

  /**
   * A batch of matrices by {@link ObjectiveBatch}.
   *
   * @param address of the first
   * @param rowStride values from a row to the next
   * @param network values from a network's to the next one's; 0 when all have the same
   * @param lane values from a lane to the next; 0 when a network has one for all of them
   */
  record Lanes(long address, int rowStride, long network, long lane) {
    /** Whether its matrices are the same distance apart, all through {@code batch}. */
    private boolean isEven(ObjectiveBatch batch) {
      return batch.networks() == 1 || batch.lanes() == 1 || lane == batch.networks() * network;
    }

    private Matrices even(ObjectiveBatch batch) {
      return new Matrices(address, rowStride, batch.networks() == 1 ? lane : network);
    }

    /** Those of a lane, network after network. */
    private Matrices lane(int index) {
      return new Matrices(address + index * lane * Float.BYTES, rowStride, network);
    }

    /** Those of a network, lane after lane. */
    private Matrices network(int index) {
      return new Matrices(address + index * network * Float.BYTES, rowStride, lane);
    }
  }

  /**
   * As {@link #multiply(boolean, boolean, int, int, int, Matrices, Matrices, boolean, Matrices,
   * int)}: in one batch, or in one a lane or a network, whichever are fewer, where items of several
   * networks share factors.
   */
  void multiply(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Lanes a,
      Lanes b,
      boolean add,
      Lanes c,
      ObjectiveBatch batch) {
    if (a.isEven(batch) && b.isEven(batch) && c.isEven(batch)) {
      multiply(
          transposeA,
          transposeB,
          m,
          n,
          k,
          a.even(batch),
          b.even(batch),
          add,
          c.even(batch),
          batch.count());
      return;
    }
    boolean byLane = batch.lanes() <= batch.networks();
    for (int i = 0; i < Math.min(batch.lanes(), batch.networks()); i++) {
      multiply(
          transposeA,
          transposeB,
          m,
          n,
          k,
          byLane ? a.lane(i) : a.network(i),
          byLane ? b.lane(i) : b.network(i),
          add,
          byLane ? c.lane(i) : c.network(i),
          byLane ? batch.networks() : batch.lanes());
    }
  }

  /** Leaves the stream and the workspace, which may go before the handle does. */
  @Override
  public void close() {
    cublas.setDefaultStream(handle);
    gpu.giveBackProducts(handle);
  }
}
