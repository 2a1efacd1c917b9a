package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.engine.tensor.Recording

// `array / number` and `array / array` need no word here: the array's own `div` is an operator already.

/** Elementwise sum. */
public operator fun NDArray.plus(other: NDArray): NDArray = add(other)

/** [number] added to every element. */
public operator fun NDArray.plus(number: Number): NDArray = add(number)

/** Elementwise difference. */
public operator fun NDArray.minus(other: NDArray): NDArray = sub(other)

/** [number] taken from every element. */
public operator fun NDArray.minus(number: Number): NDArray = sub(number)

/** Elementwise product. */
public operator fun NDArray.times(other: NDArray): NDArray = mul(other)

/** Every element times [number]. */
public operator fun NDArray.times(number: Number): NDArray =
    if (Recording.on()) mul(Recording.scalar(this, number.toFloat())) else mul(number)

/** Every element with its sign turned. */
public operator fun NDArray.unaryMinus(): NDArray = neg()

/** This number added to every element. */
public operator fun Number.plus(array: NDArray): NDArray = array.add(this)

/** This number minus every element. */
public operator fun Number.minus(array: NDArray): NDArray = array.neg().add(this)

/** This number times every element. */
public operator fun Number.times(array: NDArray): NDArray = array * this
