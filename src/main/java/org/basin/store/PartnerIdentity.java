package org.basin.store;

/**
 * The other network of a measurement between two.
 *
 * @param seed its root seed
 * @param configHash its configuration's
 * @param dataHash its data's, whose training labels may be others than the first one's
 * @param model SHA-256 of its {@code model.safetensors}: it can be trained again where the first
 *     one is not
 */
public record PartnerIdentity(long seed, String configHash, String dataHash, String model) {}
