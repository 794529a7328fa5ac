package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.jspecify.annotations.Nullable;

/**
 * Networks that are measured side by side on one GPU: those that ask for an objective of one shape
 * at the same time get one in a common {@link ObjectiveStack}.
 */
final class ObjectiveGathering {
  private final Gpu gpu;
  private final boolean tf32;
  private final EngineDescription description;
  private final Runnable closed;
  private final Gathering<Call> gathering;
  private final AtomicInteger members;
  private final AtomicInteger stacks = new AtomicInteger(); // that are open

  /** What a member asks. */
  private sealed interface Call {
    /** Calls of one kind are answered together. */
    Object kind();
  }

  /** An objective. */
  private static final class Open implements Call {
    final int member;
    final MlpSpec spec;
    final ObjectiveOptions options;
    final Examples data;
    final NetworkState statistics;
    @Nullable Objective answer;
    @Nullable InvalidInputException refusal;

    Open(
        int member,
        MlpSpec spec,
        ObjectiveOptions options,
        Examples data,
        NetworkState statistics) {
      this.member = member;
      this.spec = spec;
      this.options = options;
      this.data = data;
      this.statistics = statistics;
    }

    @Override
    public Object kind() {
      return List.of(spec, options, data.count());
    }
  }

  /** What an objective is asked. */
  private record Ask(ObjectiveStack stack, ObjectiveCall call) implements Call {
    @Override
    public Object kind() {
      return List.of(stack, call.kind());
    }
  }

  /**
   * A gathering of {@code count} networks.
   *
   * @param closed is run when the last has left
   */
  ObjectiveGathering(
      Gpu gpu, boolean tf32, EngineDescription description, int count, Runnable closed) {
    this.gpu = gpu;
    this.tf32 = tf32;
    this.description = description;
    this.closed = closed;
    members = new AtomicInteger(count);
    gathering = new Gathering<>(count, Call::kind, ObjectiveGathering::isStep, this::answer);
  }

  private static boolean isStep(Call call) {
    return call instanceof Ask ask && ask.call instanceof ObjectiveCall.Steps;
  }

  /** One network's engine. */
  private final class Member implements ObjectiveEngine {
    private final int number;

    Member(int number) {
      this.number = number;
    }

    @Override
    public EngineDescription description() {
      return description;
    }

    @Override
    public Objective objective(
        MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
      options.requireShapes(spec, data, statistics);
      Open call = new Open(number, spec, options, data, statistics);
      gathering.ask(number, call);
      if (call.refusal != null) {
        throw call.refusal;
      }
      return Objects.requireNonNull(call.answer);
    }

    @Override
    public void close() {
      gathering.leave();
      if (members.decrementAndGet() == 0) {
        closed.run();
      }
    }
  }

  /** The engines of its members, for one thread each. */
  List<ObjectiveEngine> engines() {
    return IntStream.range(0, members.get()).<ObjectiveEngine>mapToObj(Member::new).toList();
  }

  private void answer(List<Call> calls) {
    if (calls.getFirst() instanceof Ask first) {
      first.stack.answer(calls.stream().map(call -> ((Ask) call).call).toList());
      return;
    }
    List<Open> opens = calls.stream().map(Open.class::cast).toList();
    try {
      open(opens);
    } catch (CudaException failure) {
      closeAll(opens, failure);
      throw gpu.told(failure);
    } catch (RuntimeException | Error failure) {
      closeAll(opens, failure);
      throw failure;
    }
  }

  private static void closeAll(List<Open> opens, Throwable failure) {
    for (Open each : opens) {
      try {
        if (each.answer != null) {
          each.answer.close();
        }
      } catch (RuntimeException second) {
        failure.addSuppressed(second);
      }
    }
  }

  /** All in one stack, or in as few as memory holds. */
  private void open(List<Open> calls) {
    ObjectiveStack stack;
    try {
      stack = stack(calls);
    } catch (InvalidInputException refusal) {
      int half = calls.size() / 2;
      if (half == 0) {
        calls.getFirst().refusal = refusal;
      } else {
        open(calls.subList(0, half));
        open(calls.subList(half, calls.size()));
      }
      return;
    }
    stacks.incrementAndGet();
    AtomicInteger left = new AtomicInteger(calls.size());
    for (int i = 0; i < calls.size(); i++) {
      int member = calls.get(i).member;
      calls.get(i).answer =
          new CudaObjective(
              stack,
              i,
              call -> gathering.ask(member, new Ask(stack, call)),
              () -> {
                if (left.decrementAndGet() == 0) {
                  stacks.decrementAndGet();
                  stack.close();
                }
              });
    }
  }

  private ObjectiveStack stack(List<Open> calls) {
    List<Examples> examples = new ArrayList<>();
    List<NetworkState> statistics = new ArrayList<>();
    for (Open call : calls) {
      examples.add(call.data);
      statistics.add(call.statistics);
    }
    Open first = calls.getFirst();
    return new ObjectiveStack(
        gpu,
        tf32,
        new ObjectiveStack.Request(first.spec, first.options, examples, statistics),
        ObjectiveStack.CHUNK_ROWS,
        true,
        stacks.get() == 0);
  }
}
