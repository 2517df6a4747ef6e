/** The Kafka broker of the one-machine default: the real one, in a JVM of its own. */
package io.kymo.stack.broker;
