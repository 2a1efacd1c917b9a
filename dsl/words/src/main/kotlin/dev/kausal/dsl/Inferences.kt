package dev.kausal.dsl

import dev.kausal.spec.Among
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.Order

// The spec's enumerations as words of the script, which imports this package only.

/** Rank by the size of the effect, in either direction. */
public val strongest: Order = Order.Strongest

/** Rank what raises the metric most first. */
public val highest: Order = Order.Highest

/** Rank what lowers the metric most first. */
public val lowest: Order = Order.Lowest

/** Random heads come from the layers of the chosen ones, as many of each. */
public val sameLayers: Among = Among.SameLayers

/** Random heads come from all layers. */
public val anyLayers: Among = Among.AnyLayers

/** Every example stands for itself. */
public val perExample: Grouping = Grouping.Example

/** Examples with the same subject belong together. */
public val perSubject: Grouping = Grouping.Subject

/** Examples with the same subject of the corrupted prompt belong together. */
public val perCorruptedSubject: Grouping = Grouping.CorruptedSubject

/** Examples with the same foil belong together. */
public val perFoil: Grouping = Grouping.Foil

/** Examples with the same phrasing belong together. */
public val perTemplate: Grouping = Grouping.Template

/** Examples with the same relation belong together. */
public val perRelation: Grouping = Grouping.Relation

/** Intervals from Student's t and the bootstrap of t together, of shares Clopper and Pearson's; none where too few allow none. */
public val studentised: IntervalKind = IntervalKind.Studentised

/** Intervals from quantiles of the bootstrap distribution. */
public val percentile: IntervalKind = IntervalKind.Percentile

/** Intervals corrected for bias and skewness. */
public val biasCorrected: IntervalKind = IntervalKind.BiasCorrected

/** Controls the rate of any false finding among all cells. */
public val familyWise: Correction = Correction.FamilyWise

/** The share of false findings is kept low, which finds more. */
public val benjaminiHochberg: Correction = Correction.BenjaminiHochberg

/** Every cell for itself. */
public val uncorrected: Correction = Correction.None
