package org.basin.engine.cuda;

import java.util.List;
import java.util.stream.LongStream;
import org.basin.engine.cuda.DeviceArena.Words;

/**
 * Enqueues what Lanczos' recurrences take beside their products, for any sequences of a GPU at
 * once, whoever they belong to; what is computed, and of which shapes, stands in {@code krylov.cu}.
 */
final class KrylovSteps {
  /** Norms that stand before a sequence's coefficients. */
  static final int NORMS = 2;

  private static final int CHUNK = 512;
  private static final int BLOCK = 256;
  private static final int VECTORS = 8; // of a block of krylov_reduce

  private static final int TAKE = 0;
  private static final int SUBTRACT = 1;
  private static final int CORRECT = 2;
  private static final int COMBINE = 3;

  private final Kernel append;
  private final Kernel project;
  private final Kernel reduce;
  private final Kernel report;

  /**
   * A sequence's part in a launch: addresses of its arrays, 0 where one is not there.
   *
   * @param dimension vectors in the basis, a new one included; -1 for no part
   */
  record Row(
      long basis,
      long slot,
      long vector,
      long product,
      long subtracted,
      long direction,
      long numbers,
      long corrections,
      long parts,
      long dimension) {
    /** No part. */
    static final Row NONE = new Row(0, 0, 0, 0, 0, 0, 0, 0, 0, -1);

    private static final int FIELDS = 10;

    private LongStream fields() {
      return LongStream.of(
          basis,
          slot,
          vector,
          product,
          subtracted,
          direction,
          numbers,
          corrections,
          parts,
          dimension);
    }
  }

  /**
   * Rows of one launch, on the GPU.
   *
   * @param address of the first
   * @param size n, the length of a vector
   * @param most dimension of a row
   */
  record Rows(long address, int count, int size, int most) {}

  /** Those of {@code gpu}. */
  KrylovSteps(Gpu gpu) {
    append = gpu.kernel("krylov.cu", "krylov_append");
    project = gpu.kernel("krylov.cu", "krylov_project");
    reduce = gpu.kernel("krylov.cu", "krylov_reduce");
    report = gpu.kernel("krylov.cu", "krylov_report");
  }

  /** Reserves room for {@code most} rows. */
  static Words reserve(DeviceArena arena, int most) {
    return arena.reserveDoubles((long) most * Row.FIELDS);
  }

  /** Into how many chunks a direction of length {@code size} is cut. */
  static int chunks(int size) {
    return Math.ceilDiv(size, CHUNK);
  }

  /** Enqueues a copy of rows to the GPU. */
  static void write(Stream stream, Words to, List<Row> rows) {
    stream.write(to, fields(rows));
  }

  /** Rows as kernels read them. */
  static long[] fields(List<Row> rows) {
    return rows.stream().flatMapToLong(Row::fields).toArray();
  }

  /** Enqueues: the directions, normalised, become vectors of their bases. */
  void append(Stream stream, Rows rows) {
    append.launch(stream, rows.size, rows.count, BLOCK, rows.address, rows.size);
  }

  /**
   * Enqueues: the directions become the products, where rows have some, and are made orthogonal to
   * their bases.
   */
  void orthogonalize(Stream stream, Rows rows) {
    pass(stream, rows, TAKE);
    pass(stream, rows, SUBTRACT);
    pass(stream, rows, CORRECT);
  }

  /** Values of a report of rows whose dimension is {@code most} at most. */
  static int reportStride(int most) {
    return NORMS + most;
  }

  /**
   * Enqueues: norms and coefficients of the rows, one report behind the other.
   *
   * @param reports address of {@code [rows, reportStride]} doubles
   */
  void report(Stream stream, Rows rows, long reports) {
    int stride = reportStride(rows.most);
    report.launch(stream, stride, rows.count, BLOCK, rows.address, reports, stride);
  }

  /** Enqueues: the directions become combinations of their bases with the coefficients. */
  void combine(Stream stream, Rows rows) {
    pass(stream, rows, COMBINE);
  }

  private void pass(Stream stream, Rows rows, int stage) {
    int chunks = chunks(rows.size);
    project.launchBlocks(stream, chunks, rows.count, CHUNK, 0, rows.address, stage, rows.size);
    reduce.launchBlocks(
        stream,
        Math.ceilDiv(rows.most + 1, VECTORS),
        rows.count,
        BLOCK,
        0,
        rows.address,
        stage,
        chunks);
  }
}
