/** The schema registry of the one-machine default: Apicurio, which speaks Confluent's REST API. */
package io.kymo.stack.registry;
