package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A matrix product C [m, n] ← op(A) [m, k] op(B) [k, n] of a layer, prepared once for the batches
 * of one length and run every step; a large one in panels that idle cores help with.
 *
 * <p>How it is cut depends on its shape alone: each part is the same call with or without help, and
 * so the result is the same bit for bit.
 */
final class Product implements Crew.Work {
  /**
   * Rows or columns of C from {@code starts[p]} up to {@code starts[p + 1]}, for each part p.
   *
   * @param ofRows whether the parts are rows
   * @param shared whether they are large enough to be worth a call to the crew
   */
  record Cut(int[] starts, boolean ofRows, boolean shared) {
    /** Least rows or columns of a panel: what is not cut is packed again for every panel. */
    private static final int PANEL = 256;

    private static final int MAX_PANELS = 8;

    /** Rows or columns that OpenBLAS's kernels take at once. */
    private static final int TILE = 16;

    /** Columns up to which any number of {@link #SMALL} parts is faster, by up to a half. */
    private static final int VERY_FEW_COLUMNS = 24;

    /** Columns up to which a few such parts are faster, by a fifth to a third. */
    private static final int FEW_COLUMNS = 64;

    private static final int FEW_PARTS = 4;

    /** Panels of the {@code m} rows of C. */
    static Cut rows(int m) {
      return panels(m, true);
    }

    /** Panels of the {@code n} columns of C. */
    static Cut columns(int n) {
      return panels(n, false);
    }

    /** For C = A Bᵀ: {@link #SMALL} parts where they are faster, else panels of columns. */
    static Cut outerProduct(int m, int n) {
      if (n > FEW_COLUMNS) {
        return columns(n);
      }
      int parts = Math.ceilDiv(m, SMALL / n);
      boolean faster = n <= VERY_FEW_COLUMNS || parts <= FEW_PARTS;
      return new Cut(starts(m, faster ? parts : 1, 1), true, false);
    }

    private static Cut panels(int size, boolean ofRows) {
      return new Cut(starts(size, Math.clamp(size / PANEL, 1, MAX_PANELS), TILE), ofRows, true);
    }

    private static int[] starts(int size, int parts, int multiple) {
      int[] starts = new int[parts + 1];
      for (int p = 1; p < parts; p++) {
        starts[p] = (int) ((long) size * p / parts) / multiple * multiple;
      }
      starts[parts] = size;
      return starts;
    }

    int parts() {
      return starts.length - 1;
    }
  }

  /**
   * Most elements of C for which OpenBLAS multiplies A Bᵀ without packing, and least k ({@code
   * sgemm_small_kernel_permit_skylakex.c}).
   */
  private static final int SMALL = 1200;

  private static final int SMALL_DEPTH = 32;

  private final Crew crew;
  private final Cut cut;
  private final boolean transposeA;
  private final boolean transposeB;
  private final MemorySegment[] a; // by part, as b and c: from there to the end
  private final MemorySegment[] b;
  private final MemorySegment[] c;
  private final AtomicInteger next;
  private final AtomicInteger left = new AtomicInteger();
  private int m;
  private int n;
  private int k;
  private int lda;
  private int ldb;
  private int ldc;

  /** A product of these matrices, whose shape is still to be said. */
  Product(
      Crew crew,
      Cut cut,
      boolean transposeA,
      MemorySegment a,
      boolean transposeB,
      MemorySegment b,
      MemorySegment c) {
    this.crew = crew;
    this.cut = cut;
    this.transposeA = transposeA;
    this.transposeB = transposeB;
    this.a = parts(a);
    this.b = parts(b);
    this.c = parts(c);
    next = new AtomicInteger(cut.parts());
  }

  private MemorySegment[] parts(MemorySegment whole) {
    MemorySegment[] parts = new MemorySegment[cut.parts()];
    Arrays.fill(parts, whole);
    return parts;
  }

  /**
   * Says the shape of the products from now on.
   *
   * @param m rows of C, as they were cut
   * @param n columns of C, as they were cut
   * @param lda distance between the rows of A as stored
   * @param ldb of B
   * @param ldc of C
   */
  void shape(int m, int n, int k, int lda, int ldb, int ldc) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.lda = lda;
    this.ldb = ldb;
    this.ldc = ldc;
    for (int p = 1; p < cut.parts(); p++) {
      long from = cut.starts[p];
      if (cut.ofRows) {
        a[p] = skip(a[0], transposeA ? from : from * lda);
        c[p] = skip(c[0], from * ldc);
      } else {
        b[p] = skip(b[0], transposeB ? from * ldb : from);
        c[p] = skip(c[0], from);
      }
    }
  }

  private static MemorySegment skip(MemorySegment segment, long elements) {
    return segment.asSlice(elements * Float.BYTES);
  }

  /** Runs the product. */
  void run() {
    if (cut.parts() == 1 || (!cut.shared && k < SMALL_DEPTH)) {
      multiply(0, m, n);
    } else if (!cut.shared) {
      for (int p = 0; p < cut.parts(); p++) {
        part(p);
      }
    } else {
      left.set(cut.parts());
      next.set(0); // from here on helpers may begin, one left over from the last run too
      crew.call(this, cut.parts() - 1);
      doParts();
      while (left.get() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void doParts() {
    for (int p = next.getAndIncrement(); p < cut.parts(); p = next.getAndIncrement()) {
      try {
        part(p);
      } finally {
        left.decrementAndGet(); // whatever happens, the owner must not wait for ever
      }
    }
  }

  private void part(int p) {
    int size = cut.starts[p + 1] - cut.starts[p];
    multiply(p, cut.ofRows ? size : m, cut.ofRows ? n : size);
  }

  /** The product of {@code rows} and {@code columns} from the start of part {@code p} on. */
  private void multiply(int p, int rows, int columns) {
    OpenBlas.sgemm(
        transposeA, transposeB, rows, columns, k, 1f, a[p], lda, b[p], ldb, 0f, c[p], ldc);
  }
}
