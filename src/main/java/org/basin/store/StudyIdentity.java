package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What decides the numbers of a study: where two are equal, so are their numbers.
 *
 * @param kind the study
 * @param version of the study
 * @param options every one with its value
 * @param seed of everything that is drawn
 */
public record StudyIdentity(String kind, int version, JsonNode options, long seed) {}
