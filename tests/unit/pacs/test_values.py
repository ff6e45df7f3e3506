"""Stored numbers and what they mean."""

import numpy as np
from pydicom.dataset import Dataset

from cdss.serving.pacs.decode import values


def dataset(**attributes: object) -> Dataset:
    one = Dataset()
    one.PhotometricInterpretation = "MONOCHROME2"
    one.BitsStored, one.BitsAllocated, one.PixelRepresentation = 12, 16, 0
    for keyword, value in attributes.items():
        setattr(one, keyword, value)
    return one


def test_hounsfield_units_are_slope_times_stored_plus_intercept() -> None:
    stored = np.asarray([[0, 1000], [1024, 2024]], np.uint16)
    units = values.hounsfield(dataset(RescaleSlope=2, RescaleIntercept=-1024), stored)
    assert units.tolist() == [[-1024, 2 * 1000 - 1024], [2 * 1024 - 1024, 2 * 2024 - 1024]]


def test_what_lies_outside_the_field_of_view_is_air() -> None:
    stored = np.asarray([[-2000, -3024, 40]], np.int16)
    units = values.hounsfield(dataset(RescaleSlope=1, RescaleIntercept=0, PixelRepresentation=1), stored)
    assert units.tolist() == [[-1024, -1024, 40]]


def test_padding_written_with_the_wrong_sign_is_still_padding() -> None:
    """63536 is -2000 in sixteen bits; a bright padding would look like metal."""
    stored = np.asarray([[-2000, 40]], np.int16)
    units = values.hounsfield(dataset(RescaleSlope=1, RescaleIntercept=1000, PixelPaddingValue=63536), stored)
    assert units.tolist() == [[-1024, 1040]]


def test_a_range_of_padding() -> None:
    stored = np.asarray([[0, 5, 10, 11]], np.uint16)
    one = dataset(PixelPaddingValue=0, PixelPaddingRangeLimit=10)
    assert values.padding(one, stored).tolist() == [[True, True, True, False]]


def test_metal_is_clipped() -> None:
    assert values.hounsfield(dataset(RescaleSlope=1, RescaleIntercept=0), np.asarray([[9000]], np.uint16)) == 3071


def test_monochrome1_is_turned_so_that_bone_is_bright() -> None:
    stored = np.asarray([[0, 100, 4000]], np.uint16)
    assert values.film(dataset(PhotometricInterpretation="MONOCHROME1"), stored).tolist() == [[4000, 3900, 0]]


def test_the_two_ways_to_say_inverted_mean_one_inversion() -> None:
    one = dataset(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")
    assert values.film(one, np.asarray([[0, 4000]], np.uint16)).tolist() == [[4000, 0]]


def test_a_window_is_applied_as_a_viewer_would() -> None:
    """PS3.3 section C.11.2.1.2.1: below centre - 0.5 - (width - 1) / 2 is the darkest value."""
    one = dataset(WindowCenter=2000, WindowWidth=1001)
    shown = values.film(one, np.asarray([[0, 1499, 2501, 4000]], np.uint16))
    assert shown[0, 0] == shown[0, 1] < shown[0, 2] == shown[0, 3]


def test_a_modality_table_is_applied() -> None:
    table = Dataset()
    table.LUTDescriptor, table.LUTData, table.ModalityLUTType = [4, 0, 16], [0, 10, 20, 1000], "US"
    one = dataset(ModalityLUTSequence=[table])
    assert values.film(one, np.asarray([[0, 1, 2, 3]], np.uint16)).tolist() == [[0, 10, 20, 1000]]


def test_padding_of_a_film_is_its_darkest_value() -> None:
    stored = np.asarray([[4095, 300, 900]], np.uint16)
    assert values.film(dataset(PixelPaddingValue=4095), stored).tolist() == [[300, 300, 900]]
