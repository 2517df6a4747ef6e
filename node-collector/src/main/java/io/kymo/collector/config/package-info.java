/** The collector's configuration: one table that documents itself. */
package io.kymo.collector.config;
