/** Connections of the node: the table of those that are known, and those that were open before. */
package io.kymo.collector.connection;
