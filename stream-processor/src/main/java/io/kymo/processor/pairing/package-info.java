/** Requests in flight and how they end: matching responses to requests, by order or by id. */
package io.kymo.processor.pairing;
