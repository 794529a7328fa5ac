package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.basin.InvalidInputException;
import org.basin.engine.cuda.DeviceArena.Words;

/** What an {@link ObjectiveStack} holds from the start: reserved first, and allocated as one. */
final class ObjectivePlan {
  /** Examples of a chunk at least: fewer save little memory. */
  private static final int FEWEST_ROWS = 256;

  /** Part of the GPU's memory that an objective takes, if smaller chunks suffice for that. */
  private static final int MEMORY_PART = 16;

  /** Part of the GPU's memory up to which the passes at θ of all chunks are kept. */
  private static final int KEPT_PART = 4;

  final DeviceArena arena;
  final ObjectiveData data;
  final Words workspace;
  final Words theta; // [R, P]
  final List<LinearizedPoints> linearized = new ArrayList<>(); // of every chunk, or one
  final TangentPass tangents;
  final Points points;
  final Words stepRows;

  /**
   * Buffers for losses at several points.
   *
   * @param theta {@code [capacity, P]}
   * @param pass outputs at them
   */
  record Points(Words theta, LinearizedPoints pass) {
    static Points in(ObjectiveData data, DeviceArena arena, int capacity) {
      Words theta = arena.reserve((long) capacity * data.layout().size());
      return new Points(theta, new LinearizedPoints(data, arena, theta, capacity, false));
    }
  }

  private ObjectivePlan(GpuMemory memory, ObjectiveStack.Request request, int rows, boolean kept) {
    arena = new DeviceArena(memory);
    data =
        new ObjectiveData(
            request.spec(),
            request.options(),
            request.examples(),
            request.statistics(),
            rows,
            arena);
    workspace = arena.reserve(Products.WORKSPACE_BYTES / Float.BYTES);
    int networks = data.networks();
    theta = arena.reserve((long) networks * data.layout().size());
    for (int chunk = 0; chunk < (kept ? data.chunks() : 1); chunk++) {
      linearized.add(new LinearizedPoints(data, arena, theta, networks, true));
    }
    tangents = new TangentPass(data, arena, networks);
    points = Points.in(data, arena, networks);
    stepRows = CurvatureSteps.reserve(arena, networks);
  }

  /**
   * The plan of a stack.
   *
   * @param mostRows most examples of a chunk
   * @param keepAll whether the passes at θ are kept for all chunks, if memory allows
   * @throws InvalidInputException when there is not as much memory
   */
  static ObjectivePlan of(
      GpuMemory memory, ObjectiveStack.Request request, int mostRows, boolean keepAll) {
    int rows = rows(memory, request.first(), mostRows);
    ObjectivePlan least = new ObjectivePlan(memory, request, rows, false);
    if (!keepAll || least.data.chunks() == 1) {
      return least;
    }
    ObjectivePlan all = new ObjectivePlan(memory, request, rows, true);
    boolean fits = all.arena.bytes() <= Math.min(memory.total() / KEPT_PART, memory.free());
    return fits ? all : least;
  }

  /** Examples of a chunk, by what one network needs. */
  private static int rows(GpuMemory memory, ObjectiveStack.Request one, int most) {
    int rows = most;
    ObjectivePlan least = new ObjectivePlan(memory, one, rows, false);
    while ((least.arena.bytes() - Products.WORKSPACE_BYTES > memory.whole() / MEMORY_PART
            || least.arena.bytes() > memory.total())
        && rows > FEWEST_ROWS
        && !ObjectiveData.coupled(one.spec(), one.options())) {
      rows = Math.max(FEWEST_ROWS, rows / 2);
      least = new ObjectivePlan(memory, one, rows, false);
    }
    if (least.arena.bytes() > memory.total()) {
      throw new InvalidInputException(
          "the objective needs %,d MiB of GPU memory, available: %,d MiB; allowed: %s"
              .formatted(
                  GpuMemory.mebibytes(least.arena.bytes()),
                  GpuMemory.mebibytes(memory.total()),
                  ObjectiveData.coupled(one.spec(), one.options())
                      ? "a smaller model, or fewer examples, which batch statistics couple; or"
                          + " frozen statistics"
                      : "a smaller model, or fewer examples"));
    }
    return rows;
  }

  /**
   * Takes the memory.
   *
   * @param wait whether to wait where others have taken it
   * @throws InvalidInputException when there is not as much
   * @throws CancellationException when the thread was interrupted while it waited
   */
  void allocate(boolean wait) {
    try {
      if (wait) {
        arena.allocate();
      } else if (!arena.tryAllocate()) {
        throw new CudaException(CudaException.Kind.OUT_OF_MEMORY, "others have taken it");
      }
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for GPU memory");
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY) {
        throw failure;
      }
      throw new InvalidInputException(
          "the objective needs %,d MiB of GPU memory, but %s"
              .formatted(GpuMemory.mebibytes(arena.bytes()), failure.getMessage()));
    }
  }
}
