package org.basin.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.basin.InvalidInputException;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.junit.jupiter.api.Test;

class ObjectiveRegistryTest {
  private final EngineRegistry registry = EngineRegistry.standard();

  @Test
  void autoTakesAnEngineThatAnswersObjectives() {
    ObjectiveCase c = ObjectiveCase.random(1);
    try (ObjectiveEngine engine = registry.openObjectives(EngineRegistry.AUTO, 2);
        Objective objective = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      String best = registry.answersObjectives("cuda") ? "cuda" : "cpu";
      assertEquals(best, engine.description().name());
      assertEquals(c.theta().length, objective.size());
    }
  }

  @Test
  void anEngineThatOnlyTrainsIsRefused() {
    String message =
        assertThrows(InvalidInputException.class, () -> registry.openObjectives("dl4j", 1))
            .getMessage();
    assertEquals(
        "engine dl4j only trains: it answers no gradients or curvature products at a given point;"
            + " allowed: auto, cuda, cpu",
        message);
    assertThrows(InvalidInputException.class, () -> registry.openObjectives("gpu", 1));
  }
}
