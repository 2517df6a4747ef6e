/** Facts about processes and their containers, from /proc and cgroups. */
package io.kymo.collector.process;
