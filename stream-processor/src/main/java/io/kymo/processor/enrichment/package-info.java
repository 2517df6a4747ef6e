/** Who stood at the two ends of an exchange: names for addresses. */
package io.kymo.processor.enrichment;
