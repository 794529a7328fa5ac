package org.basin.train;

/**
 * How an engine is to compute. No part of a result's identity, as the engine itself is none; the
 * result names both.
 *
 * @param devices on what
 * @param precision of its matrix products
 */
public record EngineOptions(Devices devices, Precision precision) {
  /** What every engine can do. */
  public static final EngineOptions DEFAULTS = new EngineOptions(Devices.AUTO, Precision.FLOAT32);

  /** What asks for a GPU, in the words of the experiment file; empty when nothing does. */
  public String gpuRequest() {
    String device = devices.gpus() ? "device " + devices : "";
    String rounding = precision == Precision.TF32 ? "precision " + precision : "";
    return device.isEmpty() || rounding.isEmpty() ? device + rounding : device + " and " + rounding;
  }
}
