package org.basin.train;

import java.util.Optional;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;

/** Answers objectives. Implementations are safe to call from several threads. */
public interface ObjectiveEngine extends AutoCloseable {

  /** What this engine is and runs on. */
  EngineDescription description();

  /**
   * The objective of a network on some examples.
   *
   * @param spec the network
   * @param options what is computed
   * @param data the examples, at least one, held by reference
   * @param statistics its running statistics are batch normalisation's with {@link
   *     BatchNormPolicy#FROZEN}; its parameters are not read
   * @throws org.basin.InvalidInputException when shapes do not agree, or memory would not suffice
   */
  Objective objective(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics);

  /** How it answers several networks at once; empty where each is computed by itself anyway. */
  default Optional<SideBySide> sideBySide() {
    return Optional.empty();
  }

  @Override
  void close();
}
