package org.basin.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.basin.config.Experiment;
import org.basin.data.DataShape;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Resources;
import org.basin.execute.SweepProgress.Ending;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people read where replicas train in stacks. */
final class StackedDisplayTest {
  @TempDir Path folder;
  private Plan plan;

  @BeforeEach
  void plan() {
    Path file =
        BasinCommand.write(
            folder,
            "x.yaml",
            """
            name: x
            training: {epochs: 10, batchSize: 100}
            seeds: 6
            sweep: {grid: {model.width: [8, 16]}}
            """);
    plan =
        Plan.of(Experiment.read(file, List.of()), options -> new DataShape(40, 10, 4000, 0, 1000));
  }

  @Test
  void theDisplayNamesOneOfThoseAtWorkAndCountsTheOthers() {
    List<Replica> replicas = plan.replicas();
    SweepDisplay display = new SweepDisplay(new PrintWriter(new StringWriter()), plan, replicas);
    assertEquals("", display.atWork());
    replicas.subList(0, 4).forEach(display::started);
    assertEquals(replicas.get(3).folder() + " and 3 more", display.atWork());
    display.ended(replicas.get(9), Ending.ELSEWHERE, 400); // was never at work here
    display.ended(replicas.get(3), Ending.DIVERGED, 100);
    assertEquals(replicas.get(2).folder() + " and 2 more", display.atWork());
    display.ended(replicas.get(0), Ending.DONE, 0);
    display.ended(replicas.get(1), Ending.STOPPED, 0);
    assertEquals(replicas.get(2).folder(), display.atWork());
    display.ended(replicas.get(2), Ending.FAILED, 0);
    assertEquals("", display.atWork());
  }

  @Test
  void theEstimateCountsTheStepsOfAStackOnceAndItsArithmeticForEveryReplica() {
    // 12 replicas of 400 steps; a step takes 0.1 s, arithmetic nothing.
    EngineRegistry.Pace steps = new EngineRegistry.Pace(0.1, Double.POSITIVE_INFINITY, 1, "rough");
    assertEquals(
        "4,800 steps to do, about 4 min 0 s on 2 cores (rough)",
        PlanCommand.toDo(plan, plan.replicas(), steps, new Resources(2, false)));
    steps = new EngineRegistry.Pace(0.1, Double.POSITIVE_INFINITY, 4, "a guess");
    assertEquals(
        "4,800 steps to do in 4 stacks, about 1 min 20 s on 2 GPUs (a guess)",
        PlanCommand.toDo(plan, plan.replicas(), steps, new Resources(2, true)));
    double all =
        plan.replicas().stream().mapToDouble(r -> plan.cost(r.point()).multiplyAdds()).sum();
    EngineRegistry.Pace arithmetic = new EngineRegistry.Pace(0, all / 30, 4, "a guess");
    assertEquals(
        "4,800 steps to do in 4 stacks, about 30 s on 1 GPU (a guess)",
        PlanCommand.toDo(plan, plan.replicas(), arithmetic, new Resources(1, true)));
  }
}
