package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.basin.config.Experiment;
import org.basin.data.DataShape;

class PlanPropertiesTest {
  private static Plan plan(List<Integer> widths, List<Integer> epochs, int seeds) {
    try {
      Path file = Files.createTempFile("plan", ".yaml");
      try {
        Files.writeString(
            file,
            "name: x\nseeds: %d\nsweep: {grid: {model.width: %s, training.epochs: %s}}\n"
                .formatted(seeds, widths, epochs));
        return Plan.of(
            Experiment.read(file, List.of()), options -> new DataShape(40, 10, 4000, 0, 1000));
      } finally {
        Files.delete(file);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Provide
  Arbitrary<List<Integer>> axis() {
    return Arbitraries.integers().between(1, 500).list().ofMinSize(1).ofMaxSize(6).uniqueElements();
  }

  @Property(tries = 60, seed = "1")
  void aGridIsTheProductOfItsAxesInOrder(
      @ForAll("axis") List<Integer> widths,
      @ForAll("axis") List<Integer> epochs,
      @ForAll @IntRange(min = 1, max = 5) int seeds) {
    List<List<Number>> expected = new ArrayList<>();
    for (Integer width : widths) {
      for (Integer epoch : epochs) {
        for (long seed = 1; seed <= seeds; seed++) {
          expected.add(List.of(width, epoch, seed));
        }
      }
    }
    List<List<Number>> actual = new ArrayList<>();
    Set<String> folders = new HashSet<>();
    for (Replica replica : plan(widths, epochs, seeds).replicas()) {
      actual.add(
          List.of(
              replica.point().config().model().width(),
              replica.point().config().training().epochs(),
              replica.seed()));
      folders.add(replica.folder());
    }
    assertEquals(expected, actual);
    assertEquals(expected.size(), folders.size());
  }

  @Property(tries = 60, seed = "1")
  void shardsPartitionAndBalance(
      @ForAll("axis") List<Integer> widths,
      @ForAll("axis") List<Integer> epochs,
      @ForAll @IntRange(min = 1, max = 5) int seeds,
      @ForAll @IntRange(min = 1, max = 7) int count) {
    Plan plan = plan(widths, epochs, seeds);
    List<Replica> all = new ArrayList<>();
    double heaviest = 0;
    double longest = 0;
    double total = 0;
    for (int i = 1; i <= count; i++) {
      List<Replica> shard = plan.shard(i, count);
      assertEquals(shard, plan.shard(i, count));
      all.addAll(shard);
      double load = 0;
      for (Replica replica : shard) {
        double cost = plan.cost(replica.point()).multiplyAdds();
        load += cost;
        total += cost;
        longest = Math.max(longest, cost);
      }
      heaviest = Math.max(heaviest, load);
    }
    assertEquals(plan.replicas().size(), all.size());
    assertEquals(Set.copyOf(plan.replicas()), Set.copyOf(all));
    // Graham's bound: the heaviest part is the mean and one replica at most.
    assertTrue(heaviest <= total / count + longest * (1 + 1e-9));
  }
}
