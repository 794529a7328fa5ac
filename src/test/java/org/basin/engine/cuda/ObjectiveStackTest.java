package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.model.NetworkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several networks at once are each of them alone, to the bit: the emulator adds in one order. */
class ObjectiveStackTest {
  private static final int NETWORKS = 4;
  private static final int ROWS = 7;

  @RegisterExtension private static final OneEmulatedGpu EMULATED = new OneEmulatedGpu();

  /** Every third of the other test's, which takes all kinds in turn. */
  static Stream<ObjectiveCase> cases() {
    List<ObjectiveCase> all = CudaObjectiveTest.cases().toList();
    return IntStream.range(0, all.size()).filter(i -> i % 3 == 1).mapToObj(all::get);
  }

  /** Networks like {@code c}, each at its own point with its own statistics and labels. */
  private static List<ObjectiveCase> like(ObjectiveCase c, boolean sameInputs) {
    List<ObjectiveCase> all = new ArrayList<>();
    for (int i = 0; i < NETWORKS; i++) {
      ObjectiveCase other =
          ObjectiveCase.of(c.spec(), c.options(), c.data().count(), new SplittableRandom(90 + i));
      Examples data = sameInputs ? c.data().withLabels(other.data().labels()) : other.data();
      all.add(new ObjectiveCase(c.spec(), c.options(), data, other.statistics(), other.theta()));
    }
    return all;
  }

  private static ObjectiveStack stack(List<ObjectiveCase> cases, boolean keepAll) {
    ObjectiveCase first = cases.getFirst();
    List<Examples> data = cases.stream().map(ObjectiveCase::data).toList();
    List<NetworkState> statistics = cases.stream().map(ObjectiveCase::statistics).toList();
    ObjectiveStack.Request request =
        new ObjectiveStack.Request(first.spec(), first.options(), data, statistics);
    return new ObjectiveStack(EMULATED.gpu(), false, request, ROWS, keepAll, true);
  }

  private static ObjectiveCall.Products products(
      ObjectiveCase c, int network, int count, boolean hessian) {
    int size = c.theta().length;
    float[] v = ObjectiveCase.gaussian(new SplittableRandom(network), count * size);
    return new ObjectiveCall.Products(
        network, c.theta(), v, count, new float[count * size], hessian);
  }

  private static ObjectiveCall.Losses losses(ObjectiveCase c, int network, int count) {
    int size = c.theta().length;
    float[] thetas = ObjectiveCase.gaussian(new SplittableRandom(7 + network), count * size);
    return new ObjectiveCall.Losses(network, thetas, count, new double[count]);
  }

  private static ObjectiveCall.Gradient gradient(ObjectiveCase c, int network) {
    return new ObjectiveCall.Gradient(
        network, c.theta(), new float[c.theta().length], new double[1]);
  }

  /** All kinds of calls, in this order, each of the networks that are named. */
  private static List<Object> answers(
      ObjectiveStack stack, List<ObjectiveCase> cases, int[] networks, int[] numbers) {
    List<Object> answers = new ArrayList<>();
    for (boolean hessian : new boolean[] {false, true, false}) {
      List<ObjectiveCall.Products> calls = new ArrayList<>();
      for (int i = 0; i < networks.length; i++) {
        // Of another number of vectors each.
        calls.add(products(cases.get(networks[i]), numbers[i], 1 + networks[i] % 3, hessian));
      }
      stack.answer(calls);
      calls.forEach(call -> answers.add(call.products()));
    }
    List<ObjectiveCall.Gradient> gradients = new ArrayList<>();
    List<ObjectiveCall.Losses> losses = new ArrayList<>();
    List<ObjectiveCall.Outputs> outputs = new ArrayList<>();
    for (int i = 0; i < networks.length; i++) {
      ObjectiveCase c = cases.get(networks[i]);
      gradients.add(gradient(c, numbers[i]));
      losses.add(losses(c, numbers[i], 2 + networks[i] % 2));
      float[] logits = new float[c.data().count() * c.spec().outputs()];
      outputs.add(new ObjectiveCall.Outputs(numbers[i], c.theta(), logits));
    }
    stack.answer(losses);
    stack.answer(outputs);
    stack.answer(gradients);
    gradients.forEach(call -> answers.add(List.of(call.gradient(), call.loss())));
    losses.forEach(call -> answers.add(call.losses()));
    outputs.forEach(call -> answers.add(call.outputs()));
    return answers;
  }

  private static void assertSame(List<Object> expected, List<Object> actual) {
    assertArrayEquals(
        expected.stream().map(ObjectiveStackTest::unpacked).toArray(),
        actual.stream().map(ObjectiveStackTest::unpacked).toArray());
  }

  private static Object unpacked(Object answer) {
    return answer instanceof List<?> parts ? parts.toArray() : answer;
  }

  /** The answers of stacks of one network each, ordered as those of one stack. */
  private static List<Object> alone(List<ObjectiveCase> cases, int[] networks, int[] seeds) {
    List<List<Object>> each = new ArrayList<>();
    for (int i = 0; i < networks.length; i++) {
      // The same random vectors as in the stack, which are drawn by the number there.
      List<ObjectiveCase> padded =
          IntStream.rangeClosed(0, seeds[i]).mapToObj(_ -> cases.get(networks[0])).toList();
      List<ObjectiveCase> own = new ArrayList<>(padded);
      own.set(seeds[i], cases.get(networks[i]));
      try (ObjectiveStack stack = stack(own, true)) {
        each.add(answers(stack, cases, new int[] {networks[i]}, new int[] {seeds[i]}));
      }
    }
    List<Object> ordered = new ArrayList<>();
    for (int j = 0; j < each.getFirst().size(); j++) {
      for (List<Object> answers : each) {
        ordered.add(answers.get(j));
      }
    }
    return ordered;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void eachOfSeveralIsAsItIsAlone(ObjectiveCase c) {
    for (boolean sameInputs : new boolean[] {true, false}) {
      List<ObjectiveCase> cases = like(c, sameInputs);
      int[] all = {0, 1, 2, 3};
      try (ObjectiveStack kept = stack(cases, true);
          ObjectiveStack made = stack(cases, false)) {
        List<Object> expected = alone(cases, all, all);
        assertSame(expected, answers(kept, cases, all, all));
        assertSame(expected, answers(made, cases, all, all));
        // Some of them, with others between; and again all.
        int[] some = {1, 3};
        assertSame(alone(cases, some, some), answers(kept, cases, some, some));
        assertSame(expected, answers(kept, cases, all, all));
      }
    }
  }

  @Test
  void oneNetworkThatIsNotANumberLeavesTheOthersAlone() {
    List<ObjectiveCase> cases = like(ObjectiveCase.random(4), true);
    int[] all = {0, 1, 2, 3};
    List<Object> expected = alone(cases, all, all);
    cases.get(2).theta()[0] = Float.NaN;
    try (ObjectiveStack stack = stack(cases, true)) {
      List<Object> actual = answers(stack, cases, all, all);
      for (int i = 0; i < 12; i++) { // products
        float[] product = (float[]) actual.get(i);
        if (i % NETWORKS == 2) {
          assertTrue(Float.isNaN(product[0]));
        } else {
          assertArrayEquals((float[]) expected.get(i), product);
        }
      }
    }
  }

  /** As many launches as one network needs, whatever their number: what the stack is for. */
  @Test
  void aProductOfAllIsOneBatch() {
    List<ObjectiveCase> cases = like(ObjectiveCase.random(4), true);
    try (ObjectiveStack stack = stack(cases, true);
        ObjectiveStack one = stack(cases.subList(0, 1), true)) {
      stack.answer(
          IntStream.range(0, NETWORKS).mapToObj(i -> products(cases.get(i), i, 1, true)).toList());
      one.answer(List.of(products(cases.getFirst(), 0, 1, true)));
      assertEquals(
          launches(() -> one.answer(List.of(products(cases.getFirst(), 0, 1, true)))),
          launches(
              () ->
                  stack.answer(
                      IntStream.range(0, NETWORKS)
                          .mapToObj(i -> products(cases.get(i), i, 1, true))
                          .toList())));
    }
  }

  private static List<Long> launches(Runnable work) {
    List<String> counted = List.of("cublasSgemm", "objective_curvature", "accumulate", "narrow");
    List<Long> before = counted.stream().map(Emulator::launches).toList();
    work.run();
    return IntStream.range(0, counted.size())
        .mapToObj(i -> Emulator.launches(counted.get(i)) - before.get(i))
        .toList();
  }

  @Test
  void inputsOfAllStandThereOnce() {
    ObjectiveCase c = ObjectiveCase.random(4);
    long free = EMULATED.gpu().memory().free();
    long shared;
    try (ObjectiveStack stack = stack(like(c, true), true)) {
      shared = stack.bytes();
      assertEquals(
          Math.ceilDiv(shared, GpuMemory.PAGE) * GpuMemory.PAGE,
          free - EMULATED.gpu().memory().free());
    }
    try (ObjectiveStack stack = stack(like(c, false), true)) {
      assertTrue(stack.bytes() > shared);
    }
    assertEquals(free, EMULATED.gpu().memory().free());
    assertFalse(shared == 0);
  }
}
