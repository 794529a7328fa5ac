package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A matrix product C [m, n] ← op(A) [m, k] op(B) [k, n] of a layer, prepared once and run every
 * step; a large one in panels of columns that idle cores help with.
 *
 * <p>How it is cut depends on its shape alone: each panel is the same call with or without help,
 * and so the result is the same bit for bit.
 */
final class Product implements Crew.Work {
  /** Narrowest panel: narrower ones cost OpenBLAS too much packing. */
  private static final int PANEL_COLUMNS = 256;

  /** Most panels. */
  private static final int MAX_PANELS = 8;

  private final Crew crew;
  private final boolean transposeA;
  private final boolean transposeB;
  private final MemorySegment a;
  private final int lda;
  private final MemorySegment[] b;
  private final int ldb;
  private final MemorySegment[] c;
  private final int ldc;
  private final int[] columns;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();
  private int m;
  private int k;

  /**
   * Prepares a product.
   *
   * @param n columns of C, cut into panels
   */
  Product(
      Crew crew,
      boolean transposeA,
      boolean transposeB,
      int n,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      MemorySegment c,
      int ldc) {
    this.crew = crew;
    this.transposeA = transposeA;
    this.transposeB = transposeB;
    this.a = a;
    this.lda = lda;
    this.ldb = ldb;
    this.ldc = ldc;
    int panels = Math.clamp(n / PANEL_COLUMNS, 1, MAX_PANELS);
    columns = new int[panels];
    this.b = new MemorySegment[panels];
    this.c = new MemorySegment[panels];
    for (int p = 0; p < panels; p++) {
      int from = (int) ((long) n * p / panels);
      columns[p] = (int) ((long) n * (p + 1) / panels) - from;
      this.b[p] = skip(b, transposeB ? (long) from * ldb : from);
      this.c[p] = skip(c, from);
    }
    next.set(panels);
  }

  private static MemorySegment skip(MemorySegment segment, long elements) {
    return elements == 0 ? segment : segment.asSlice(elements * Float.BYTES);
  }

  /**
   * Runs the product.
   *
   * @param rows m, of op(A) and C
   * @param inner k, columns of op(A) and rows of op(B)
   */
  void run(int rows, int inner) {
    m = rows;
    k = inner;
    if (columns.length == 1) {
      panel(0);
      return;
    }
    left.set(columns.length);
    next.set(0); // from here on helpers may begin, one left over from the last run too
    crew.call(this, columns.length - 1);
    doParts();
    while (left.get() > 0) {
      Thread.onSpinWait();
    }
  }

  @Override
  public void doParts() {
    for (int p = next.getAndIncrement(); p < columns.length; p = next.getAndIncrement()) {
      try {
        panel(p);
      } finally {
        left.decrementAndGet(); // whatever happens, the owner must not wait for ever
      }
    }
  }

  private void panel(int p) {
    OpenBlas.sgemm(transposeA, transposeB, m, columns[p], k, 1f, a, lda, b[p], ldb, 0f, c[p], ldc);
  }
}
