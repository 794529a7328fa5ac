package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.basin.config.Experiment;
import org.basin.data.DataOptions;
import org.basin.data.DataShape;

/** Which replicas go together, and in what order. */
class StackTest {
  private static Plan plan(int seeds, String grid) {
    try {
      Path file = Files.createTempFile("stacks", ".yaml");
      try {
        Files.writeString(
            file,
            """
            name: x
            data: {validationFraction: 0.1}
            seeds: %d
            sweep: {grid: {%s}}
            """
                .formatted(seeds, grid));
        return Plan.of(Experiment.read(file, List.of()), StackTest::shape);
      } finally {
        Files.delete(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static DataShape shape(DataOptions options) {
    int all = options.n() == null ? 4000 : options.n();
    int validation = (int) (options.validationFraction() * 4000);
    return new DataShape(40, 10, all, validation, 1000);
  }

  private static List<Integer> sizes(Plan plan, int most) {
    return Stack.pack(plan, plan.replicas(), most, 1).stream()
        .map(stack -> stack.replicas().size())
        .toList();
  }

  @Example
  void whatChangesNoArrayAndNoRuleGoesTogether() {
    for (String axis :
        List.of(
            "training.optimizer.learningRate: [0.1, 0.01]",
            "training.optimizer.name: [heavy-ball], training.optimizer.momentum: [0.9, 0.5]",
            "training.optimizer.name: [adam], training.optimizer.beta1: [0.9, 0.5]",
            "training.optimizer.name: [adam], training.optimizer.epsilon: [1e-8, 1e-4]",
            "training.optimizer.weightDecay: [null, 0.1]",
            "training.optimizer.l2: [0, 0.1]",
            "training.labelSmoothing: [0, 0.1]",
            "training.clipping.globalNorm: [null, 1]",
            "training.clipping.elementwise: [null, 1]",
            "training.schedule.name: [constant, cosine]",
            "training.schedule.warmupSteps: [0, 100]",
            "training.stopping.patience: [null, 5]",
            "training.stopping.trainLoss: [null, 0.1]",
            "data.seed: [0, 1]",
            "data.labelNoise.kind: [redraw], data.labelNoise.fraction: [0, 0.15]",
            "data.standardize: [true, false]")) {
      assertEquals(List.of(6), sizes(plan(3, axis), 100), axis);
    }
  }

  @Example
  void whatChangesArraysOrRulesGoesApart() {
    for (String axis :
        List.of(
            "model.width: [8, 16]",
            "model.depth: [1, 2]",
            "model.activation: [relu, tanh]",
            "model.bias: [true, false]",
            "model.batchNorm: [true, false]",
            "model.parameterization: [standard, ntk]",
            "training.loss: [cross-entropy, mse]",
            "training.optimizer.name: [sgd, adam]",
            "training.epochs: [10, 20]",
            "training.batchSize: [64, full]",
            "training.evaluateEvery: [1, 2]",
            "data.n: [1000, 2000]",
            "data.validationFraction: [0.1, 0.2]")) {
      assertEquals(List.of(3, 3), sizes(plan(3, axis), 100), axis);
    }
  }

  @Example
  void aFullBatchIsOneOfAsManyAsThereAre() {
    assertEquals(List.of(6), sizes(plan(3, "training.batchSize: [4000, full]"), 100));
  }

  @Example
  void stacksAreFilledBeforeTheNextIsBegun() {
    Plan plan = plan(5, "model.width: [8, 16], training.optimizer.learningRate: [0.1, 0.01]");
    assertEquals(List.of(4, 4, 2, 4, 4, 2), sizes(plan, 4));
  }

  @Provide
  Arbitrary<List<Integer>> axis() {
    return Arbitraries.integers().between(1, 500).list().ofMinSize(1).ofMaxSize(6).uniqueElements();
  }

  /** Two GPUs for one shape: neither is left idle. */
  @Example
  void thereIsAStackForEveryDevice() {
    Plan plan = plan(5, "model.width: [8]");
    for (int devices = 1; devices <= 6; devices++) {
      List<Stack> stacks = Stack.pack(plan, plan.replicas(), 100, devices);
      assertEquals(Math.min(devices, 5), stacks.size());
      List<Replica> all = stacks.stream().flatMap(stack -> stack.replicas().stream()).toList();
      assertEquals(Set.copyOf(plan.replicas()), Set.copyOf(all));
      assertEquals(5, all.size());
    }
    Plan shapes = plan(2, "model.width: [8, 16]");
    assertEquals(2, Stack.pack(shapes, shapes.replicas(), 100, 2).size(), "no more than it takes");
  }

  @Property(tries = 60, seed = "1")
  void everyReplicaIsInOneStackAndTheCostliestComeFirst(
      @ForAll("axis") List<Integer> widths,
      @ForAll("axis") List<Integer> epochs,
      @ForAll @IntRange(min = 1, max = 5) int seeds,
      @ForAll @IntRange(min = 1, max = 7) int most) {
    Plan plan =
        plan(
            seeds,
            "model.width: %s, training.epochs: %s, training.optimizer.l2: [0, 0.1]"
                .formatted(widths, epochs));
    List<Stack> stacks = Stack.pack(plan, plan.replicas(), most, 1);
    List<Replica> all = new ArrayList<>();
    double before = Double.POSITIVE_INFINITY;
    for (Stack stack : stacks) {
      assertTrue(stack.replicas().size() <= most);
      double cost = 0;
      for (Replica each : stack.replicas()) {
        cost += plan.cost(each.point()).multiplyAdds();
        assertEquals(
            plan.shape(stack.replicas().getFirst().point()), plan.shape(each.point()), "shape");
      }
      assertTrue(cost <= before * (1 + 1e-9));
      before = cost;
      all.addAll(stack.replicas());
    }
    assertEquals(plan.replicas().size(), all.size());
    assertEquals(Set.copyOf(plan.replicas()), Set.copyOf(all));
    int shapes = widths.size() * epochs.size();
    assertEquals(shapes * Math.ceilDiv(2 * seeds, most), stacks.size(), "as few as can be");
    if (most == 1) {
      List<Replica> costliestFirst =
          plan.replicas().stream()
              .sorted(Comparator.comparingDouble(r -> -plan.cost(r.point()).multiplyAdds()))
              .toList();
      assertEquals(costliestFirst, all, "and of equals the first of the plan");
    }
  }

  @Example
  void cutsAreOfEqualSizeAndLeaveNobodyOut() {
    Plan plan = plan(7, "model.width: [2]");
    Stack whole = Stack.pack(plan, plan.replicas(), 100, 1).getFirst();
    for (int most = 1; most <= 8; most++) {
      List<Stack> cut = whole.cut(most);
      assertEquals(
          whole.replicas(), cut.stream().flatMap(each -> each.replicas().stream()).toList());
      List<Integer> sizes = cut.stream().map(each -> each.replicas().size()).sorted().toList();
      assertEquals(Math.ceilDiv(7, most), sizes.size());
      assertTrue(sizes.getLast() <= most);
      assertTrue(sizes.getLast() - sizes.getFirst() <= 1, sizes.toString());
    }
  }
}
