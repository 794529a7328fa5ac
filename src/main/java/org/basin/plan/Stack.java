package org.basin.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.basin.train.StackShape;

/**
 * Replicas that an engine trains together, in lock-step.
 *
 * @param replicas all of one {@link StackShape}; one or more
 */
public record Stack(List<Replica> replicas) {

  /**
   * Packs replicas into stacks as large as can be, however few stacks that makes: to an engine that
   * takes large ones, a replica more costs little and a stack more much.
   *
   * @param plan whose replicas they are
   * @param most replicas of a stack, 1 or more
   * @return every replica in one stack; the costliest stacks first, and within one the order of
   *     {@code replicas}
   */
  public static List<Stack> pack(Plan plan, List<Replica> replicas, int most) {
    List<Replica> costliestFirst =
        replicas.stream().sorted(Comparator.comparingDouble(each -> -cost(plan, each))).toList();
    List<List<Replica>> packed = new ArrayList<>();
    Map<StackShape, List<Replica>> open = new HashMap<>();
    for (Replica replica : costliestFirst) {
      StackShape shape = plan.shape(replica.point());
      List<Replica> stack = open.get(shape);
      if (stack == null || stack.size() == most) {
        stack = new ArrayList<>();
        packed.add(stack);
        open.put(shape, stack);
      }
      stack.add(replica);
    }
    return packed.stream()
        .map(stack -> new Stack(List.copyOf(stack)))
        .sorted(Comparator.comparingDouble(stack -> -stack.cost(plan)))
        .toList();
  }

  /** Multiply-adds of the whole stack. */
  private double cost(Plan plan) {
    return replicas.size() * cost(plan, replicas.getFirst());
  }

  private static double cost(Plan plan, Replica replica) {
    return plan.cost(replica.point()).multiplyAdds();
  }
}
