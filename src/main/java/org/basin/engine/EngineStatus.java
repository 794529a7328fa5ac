package org.basin.engine;

/**
 * Whether an engine can be used here.
 *
 * @param name as {@code --engine} takes it
 * @param available whether it can
 * @param reason what it would run on, or why it cannot and what to do
 */
public record EngineStatus(String name, boolean available, String reason) {}
