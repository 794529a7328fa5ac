package org.basin.engine.cuda;

import java.util.Arrays;
import java.util.List;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.KrylovSteps.Row;
import org.basin.engine.cuda.KrylovSteps.Rows;
import org.basin.train.Curvature;
import org.jspecify.annotations.Nullable;

/**
 * Steps of Lanczos' recurrences of a stack's networks, one of each of their sequences at once. A
 * step that comes again is recorded, and is one launch from then on.
 */
final class CurvatureSteps implements AutoCloseable {
  /** Most sequences of a network at once. */
  private static final int LANES = 32;

  private final ObjectiveStack stack;
  private final GpuMemory memory;
  private final ObjectiveWork work;
  private final KrylovSteps steps;
  private final Words rows;
  private final Recordings<Key> recordings;
  private @Nullable TangentPass recorded; // whose buffers the graphs are of
  private int capacity; // of the largest basis so far
  private DeviceArena reportArena;
  private Words reports; // [items, reportStride(capacity)], doubles

  /** What makes the launches of a step: all else they read from the GPU's memory. */
  private record Key(Curvature curvature, ObjectiveBatch batch, int capacity) {}

  /**
   * Steps on the stream of {@code work}.
   *
   * @param memory for what is told of them
   * @param rows as {@link #reserve} reserved them
   */
  CurvatureSteps(
      ObjectiveStack stack, GpuMemory memory, ObjectiveWork work, KrylovSteps steps, Words rows) {
    this.stack = stack;
    this.memory = memory;
    this.work = work;
    this.steps = steps;
    this.rows = rows;
    recordings = new Recordings<>(work.stream());
    reportArena = new DeviceArena(memory);
    reports = reportArena.reserve(0);
  }

  /** Reserves room for the rows of so many networks. */
  static Words reserve(DeviceArena arena, int networks) {
    return KrylovSteps.reserve(arena, networks * LANES);
  }

  /** Takes the steps of calls for the same curvature, of different networks. */
  void take(List<ObjectiveCall.Steps> calls) {
    int lanes = calls.stream().mapToInt(call -> call.sequences().length).max().orElseThrow();
    // Networks drop out one by one: with all of them it is the same launches until one is left.
    ObjectiveBatch all =
        calls.size() == 1
            ? ObjectiveStack.batch(calls, lanes)
            : new ObjectiveBatch(0, stack.data().networks(), lanes);
    int wanted = Math.min(LANES, stack.lanesAtOnce(all));
    TangentPass tangents = stack.tangents(wanted * all.networks());
    int most = Math.min(wanted, stack.vectorsAtOnce() / all.networks());
    reserveReports(calls);
    for (int lane = 0; lane < lanes; lane += most) {
      ObjectiveBatch batch =
          new ObjectiveBatch(all.first(), all.networks(), Math.min(most, lanes - lane));
      take(calls, tangents, batch, lane);
    }
  }

  private void take(
      List<ObjectiveCall.Steps> calls, TangentPass tangents, ObjectiveBatch batch, int lane) {
    Row[] each = new Row[batch.count()];
    Arrays.fill(each, Row.NONE);
    for (ObjectiveCall.Steps call : calls) {
      int[] sequences = call.sequences();
      for (int i = lane; i < Math.min(sequences.length, lane + batch.lanes()); i++) {
        int item = batch.item(call.network(), i - lane);
        each[item] = call.of().grow(sequences[i], tangents, item);
      }
    }
    KrylovSteps.write(work.stream(), rows, List.of(each));
    Curvature curvature = calls.getFirst().of().curvature();
    enqueue(
        new Key(curvature, batch, capacity),
        tangents,
        new Rows(rows.address(), batch.count(), stack.size(), capacity));
    int stride = KrylovSteps.reportStride(capacity);
    double[] told = new double[batch.count() * stride];
    work.stream().read(reports, told);
    work.stream().synchronize();
    for (ObjectiveCall.Steps call : calls) {
      int[] sequences = call.sequences();
      for (int i = lane; i < Math.min(sequences.length, lane + batch.lanes()); i++) {
        int item = batch.item(call.network(), i - lane);
        call.of().take(call, sequences[i], tangents, item, told, item * stride);
      }
    }
  }

  private void enqueue(Key key, TangentPass tangents, Rows of) {
    boolean fixed = stack.enqueuePasses(key.batch, key.curvature != Curvature.GAUSS_NEWTON);
    if (!fixed) {
      enqueueEach(key, tangents, of);
      return;
    }
    if (tangents != recorded) {
      recordings.clear(); // of other buffers
      recorded = tangents;
    }
    recordings.enqueue(key, () -> enqueueEach(key, tangents, of));
  }

  private void enqueueEach(Key key, TangentPass tangents, Rows of) {
    steps.append(work.stream(), of);
    if (key.curvature == Curvature.RESIDUAL) {
      stack.enqueueProducts(tangents, key.batch, false);
      tangents.putAside(work, key.batch.count());
    }
    stack.enqueueProducts(tangents, key.batch, key.curvature != Curvature.GAUSS_NEWTON);
    steps.orthogonalize(work.stream(), of);
    steps.report(work.stream(), of, reports.address());
  }

  /** Room for reports of the largest basis. */
  private void reserveReports(List<ObjectiveCall.Steps> calls) {
    int largest = calls.stream().mapToInt(call -> call.of().capacity()).max().orElseThrow();
    if (largest <= capacity) {
      return;
    }
    recordings.clear(); // which write where the reports were
    reportArena.close();
    reportArena = new DeviceArena(memory);
    reports =
        reportArena.reserveDoubles(
            (long) stack.data().networks() * LANES * KrylovSteps.reportStride(largest));
    if (!reportArena.tryAllocate()) {
      capacity = 0;
      throw new CudaException(
          CudaException.Kind.OUT_OF_MEMORY, "others have taken what coefficients need");
    }
    capacity = largest;
  }

  @Override
  public void close() {
    recordings.clear();
    reportArena.close();
  }
}
