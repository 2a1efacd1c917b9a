package dev.kausal.dsl

import dev.kausal.spec.Among
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.Order

// The spec's enumerations as words, since scripts import only this package.

/** Ranks by the size of the effect, in either direction. */
public val strongest: Order = Order.Strongest

/** Ranks cells that raise the metric most first. */
public val highest: Order = Order.Highest

/** Ranks cells that lower the metric most first. */
public val lowest: Order = Order.Lowest

/** Draws random heads from the layers of the chosen ones, equally many of each. */
public val sameLayers: Among = Among.SameLayers

/** Draws random heads from all layers. */
public val anyLayers: Among = Among.AnyLayers

/** Treats every example as independent. */
public val perExample: Grouping = Grouping.Example

/** Groups examples with the same subject. */
public val perSubject: Grouping = Grouping.Subject

/** Groups examples with the same subject in the corrupted prompt. */
public val perCorruptedSubject: Grouping = Grouping.CorruptedSubject

/** Groups examples with the same foil. */
public val perFoil: Grouping = Grouping.Foil

/** Groups examples with the same phrasing. */
public val perTemplate: Grouping = Grouping.Template

/** Groups examples with the same relation. */
public val perRelation: Grouping = Grouping.Relation

/**
 * Intervals from Student's t combined with the bootstrap of t, and Clopper-Pearson for shares; none if there are too
 * few examples.
 */
public val studentised: IntervalKind = IntervalKind.Studentised

/** Intervals from quantiles of the bootstrap distribution. */
public val percentile: IntervalKind = IntervalKind.Percentile

/** Intervals corrected for bias and skewness. */
public val biasCorrected: IntervalKind = IntervalKind.BiasCorrected

/** Controls the probability of any false finding among all cells. */
public val familyWise: Correction = Correction.FamilyWise

/** Controls the share of false findings, which finds more. */
public val benjaminiHochberg: Correction = Correction.BenjaminiHochberg

/** Tests every cell on its own. */
public val uncorrected: Correction = Correction.None
