/**
 * Real servers in network namespaces of their own, and Kymo beside them as a user starts it: the
 * ground of acceptance tests and benchmarks.
 */
package io.kymo.acceptance;
