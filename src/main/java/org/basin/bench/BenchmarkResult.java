package org.basin.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * All that a benchmark measured, and its JSON.
 *
 * @param schemaVersion of the JSON
 * @param machine where
 * @param training a row a width
 * @param evaluations a row a width
 * @param hessianVectorProducts a row a width; none for an engine that only trains
 */
public record BenchmarkResult(
    int schemaVersion,
    MeasuredMachine machine,
    List<TrainingMeasurement> training,
    List<EvaluationMeasurement> evaluations,
    List<ProductMeasurement> hessianVectorProducts) {

  /** Of the JSON written today. */
  private static final int SCHEMA_VERSION = 1;

  /** A result in today's schema. */
  public BenchmarkResult(
      MeasuredMachine machine,
      List<TrainingMeasurement> training,
      List<EvaluationMeasurement> evaluations,
      List<ProductMeasurement> hessianVectorProducts) {
    this(
        SCHEMA_VERSION,
        machine,
        List.copyOf(training),
        List.copyOf(evaluations),
        List.copyOf(hessianVectorProducts));
  }

  /**
   * What was measured.
   *
   * @param processor its name
   * @param cores that this process may use
   * @param java the virtual machine's version
   * @param engine the engine's name
   * @param device what it computed on
   * @param precision its arithmetic
   * @param details its versions and settings
   */
  public record MeasuredMachine(
      String processor,
      int cores,
      String java,
      String engine,
      String device,
      String precision,
      String details) {}

  /** As JSON, with a line end. */
  public String toJson() {
    try {
      return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n";
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException("records of numbers and names are JSON", impossible);
    }
  }
}
