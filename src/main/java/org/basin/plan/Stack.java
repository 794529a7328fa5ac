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
   * @param devices that take a stack each: fewer stacks are made only of fewer replicas
   * @return every replica in one stack; the costliest stacks first, and within one the order of
   *     {@code replicas}
   */
  public static List<Stack> pack(Plan plan, List<Replica> replicas, int most, int devices) {
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
    Comparator<Stack> costliest = Comparator.comparingDouble(stack -> -stack.cost(plan));
    List<Stack> stacks =
        new ArrayList<>(packed.stream().map(Stack::new).sorted(costliest).toList());
    while (stacks.size() < devices && halve(stacks)) {
      stacks.sort(costliest);
    }
    return stacks;
  }

  /** Cuts the first stack that has several replicas in two; returns whether there is one. */
  private static boolean halve(List<Stack> stacks) {
    for (int i = 0; i < stacks.size(); i++) {
      List<Replica> whole = stacks.get(i).replicas;
      int half = whole.size() / 2;
      if (half > 0) {
        stacks.set(i, new Stack(whole.subList(0, half)));
        stacks.add(i + 1, new Stack(whole.subList(half, whole.size())));
        return true;
      }
    }
    return false;
  }

  /**
   * Cuts this stack into as few of equal size as hold {@code most} replicas at most.
   *
   * @param most 1 or more
   */
  public List<Stack> cut(int most) {
    int pieces = Math.ceilDiv(replicas.size(), most);
    List<Stack> cut = new ArrayList<>();
    for (int i = 0; i < pieces; i++) {
      int from = replicas.size() * i / pieces;
      int to = replicas.size() * (i + 1) / pieces;
      cut.add(new Stack(replicas.subList(from, to)));
    }
    return cut;
  }

  /** Copies the list. */
  public Stack {
    replicas = List.copyOf(replicas);
  }

  /** Multiply-adds of the whole stack. */
  private double cost(Plan plan) {
    return replicas.size() * cost(plan, replicas.getFirst());
  }

  private static double cost(Plan plan, Replica replica) {
    return plan.cost(replica.point()).multiplyAdds();
  }
}
