package org.basin.train;

/**
 * Which engine computed a result.
 *
 * @param name the engine's name, as {@code --engine} takes it
 * @param device what it ran on, e.g. the processor's or the GPU's name
 * @param precision of its arithmetic, e.g. {@code float32}
 * @param details versions and settings that can change the last bits of a result
 */
public record EngineDescription(String name, String device, String precision, String details) {}
