package org.basin.engine.cuda;

import java.util.List;
import org.basin.model.NetworkState;
import org.basin.train.OptimizerKind;
import org.jspecify.annotations.Nullable;

/**
 * What a stack's replicas are and carry from step to step: parameters, the optimiser's state,
 * running statistics. Each is {@code [R, ...]}, so that replicas are moved by copying rows.
 */
final class StackNumbers {
  private final StackLayout layout;
  private final int size; // P
  private final int statistics;

  /** θ, {@code [R, thetaStride]}. */
  final DeviceArena.Words theta;

  /** The mean gradient of the batch at hand, {@code [R, thetaStride]}. */
  final DeviceArena.Words gradient;

  /** The optimiser's velocity or first moment, {@code [R, thetaStride]}; null without one. */
  final DeviceArena.@Nullable Words first;

  /** Its second moment, {@code [R, thetaStride]}; null without one. */
  final DeviceArena.@Nullable Words second;

  /** Running means, {@code [R, statistics]}. */
  final DeviceArena.Words runningMean;

  /** Running variances, {@code [R, statistics]}. */
  final DeviceArena.Words runningVariance;

  /** Reserves room for {@code replicas}. */
  StackNumbers(DeviceArena arena, StackLayout layout, OptimizerKind optimizer, int replicas) {
    this.layout = layout;
    size = layout.parameters().size();
    statistics = layout.parameters().statisticsSize();
    long all = replicas * layout.thetaStride();
    theta = arena.reserve(all);
    gradient = arena.reserve(all);
    first = optimizer == OptimizerKind.SGD ? null : arena.reserve(all);
    second = optimizer.adaptive() ? arena.reserve(all) : null;
    runningMean = arena.reserve((long) replicas * statistics);
    runningVariance = arena.reserve((long) replicas * statistics);
  }

  /** Sets all replicas before their first step. */
  void upload(Stream stream, List<NetworkState> states) {
    // What pads θ is multiplied with nothing, but summed over by nobody either: it must be a
    // number.
    stream.fill(theta, 0f);
    stream.fill(gradient, 0f);
    if (first != null) {
      stream.fill(first, 0f);
    }
    if (second != null) {
      stream.fill(second, 0f);
    }
    for (int r = 0; r < states.size(); r++) {
      write(stream, r, states.get(r));
    }
  }

  /** Sets the numbers of replica {@code r}; the optimiser's state stays. */
  void write(Stream stream, int r, NetworkState state) {
    stream.write(theta, r * layout.thetaStride(), state.parameters());
    stream.write(runningMean, (long) r * statistics, state.runningMean());
    stream.write(runningVariance, (long) r * statistics, state.runningVariance());
  }

  /** The numbers of replica {@code r}; waits for them. */
  NetworkState read(Stream stream, int r) {
    NetworkState state =
        new NetworkState(new float[size], new float[statistics], new float[statistics]);
    stream.read(theta, r * layout.thetaStride(), state.parameters());
    stream.read(runningMean, (long) r * statistics, state.runningMean());
    stream.read(runningVariance, (long) r * statistics, state.runningVariance());
    stream.synchronize();
    return state;
  }

  /** The second moment of replica {@code r}; null without one; waits for it. */
  float @Nullable [] readSecond(Stream stream, int r) {
    if (second == null) {
      return null;
    }
    float[] moment = new float[size];
    stream.read(second, r * layout.thetaStride(), moment);
    stream.synchronize();
    return moment;
  }

  /**
   * From now on replica i has the numbers that {@code replicas[i]} had.
   *
   * @param replicas ascending, so that no row is overwritten before it was copied
   */
  void keep(Stream stream, int[] replicas) {
    for (int r = 0; r < replicas.length; r++) {
      if (replicas[r] != r) {
        move(stream, theta, r, replicas[r], layout.thetaStride());
        move(stream, first, r, replicas[r], layout.thetaStride());
        move(stream, second, r, replicas[r], layout.thetaStride());
        move(stream, runningMean, r, replicas[r], statistics);
        move(stream, runningVariance, r, replicas[r], statistics);
      }
    }
  }

  private static void move(
      Stream stream, DeviceArena.@Nullable Words rows, int to, int from, long length) {
    if (rows != null && length > 0) {
      stream.copy(rows.address(to * length), rows.address(from * length), length);
    }
  }
}
