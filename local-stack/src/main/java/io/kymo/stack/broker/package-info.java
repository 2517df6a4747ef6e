/**
 * The Kafka broker of the one-machine default: the real one, broker and controller in one process.
 */
package io.kymo.stack.broker;
