package org.basin.train;

/**
 * Which engine computed a result.
 *
 * @param name the engine's name, as {@code --engine} takes it
 * @param device what it ran on, e.g. the processor's or the GPU's name
 * @param precision of its arithmetic, e.g. {@code float32}
 * @param details versions and settings that can change the last bits of a result
 */
public record EngineDescription(String name, String device, String precision, String details) {

  /**
   * What of it decides a measurement: the name, and where it is not float32 the precision. Device
   * and versions change its last bits alone.
   */
  public String arithmetic() {
    return precision.equals(Precision.FLOAT32.toString()) ? name : name + " " + precision;
  }
}
