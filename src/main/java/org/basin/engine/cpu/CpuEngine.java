package org.basin.engine.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.model.MlpSpec;
import org.basin.train.EngineDescription;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * The fused engine for the CPU: one replica a core, OpenBLAS on one thread; when fewer replicas
 * than cores are left, idle cores help with their large products.
 */
public final class CpuEngine implements TrainingEngine {
  private final EngineDescription description;
  private final HeapBudget budget = new HeapBudget();
  private final Crew crew = new Crew(Math.min(Machine.cores(), OpenBlas.MOST_THREADS));
  private final Semaphore atWork = new Semaphore(OpenBlas.MOST_THREADS);

  /**
   * Loads OpenBLAS.
   *
   * @throws InvalidInputException when it cannot be loaded
   */
  public CpuEngine() {
    String problem = OpenBlas.problem();
    if (problem != null) {
      throw new InvalidInputException(problem);
    }
    description =
        new EngineDescription(
            "cpu", Machine.processor(), "float32", "OpenBLAS, kernels for " + OpenBlas.core());
  }

  /** Why the engine cannot be used here; null when it can. Loads OpenBLAS to find out. */
  public static @Nullable String problem() {
    return OpenBlas.problem();
  }

  /**
   * Refuses a network that does not fit into memory, before anything of it is allocated.
   *
   * @throws InvalidInputException naming the bytes needed and available
   */
  public static void requireRoom(MlpSpec spec, TrainingOptions options, int trainingExamples) {
    if (CpuNetwork.longestArray(spec, options, trainingExamples) > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "a batch of this network has an array of more than 2^31 numbers; allowed: a smaller"
              + " batchSize or width");
    }
    new HeapBudget().requireRoom(CpuNetwork.bytes(spec, options, trainingExamples));
  }

  /** What the engine computes with here; OpenBLAS must be there. */
  public static String summary() {
    return "OpenBLAS on " + Machine.processor() + ", kernels for " + OpenBlas.core();
  }

  @Override
  public EngineDescription description() {
    return description;
  }

  @Override
  public int stackSize() {
    return 1;
  }

  @Override
  public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
      throws InterruptedException {
    List<TrainingOutcome> outcomes = new ArrayList<>();
    for (TrainingTask task : stack) {
      long bytes = CpuNetwork.bytes(task.spec(), task.options(), task.data().train().count());
      budget.take(bytes);
      try {
        atWork.acquire();
      } catch (InterruptedException interrupted) {
        budget.giveBack(bytes);
        throw interrupted;
      }
      crew.enter();
      try (CpuNetwork network = new CpuNetwork(task, crew)) {
        outcomes.add(TrainingLoop.run(task, network, progress));
      } finally {
        crew.leave();
        atWork.release();
        budget.giveBack(bytes);
      }
    }
    return outcomes;
  }

  @Override
  public void close() {
    crew.close(); // OpenBLAS itself lives as long as the process
  }
}
