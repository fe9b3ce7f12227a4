"""How the admin writes dates: as image2.lib.times does, in UTC and saying so."""

DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i (e)"
SHORT_DATE_FORMAT = DATE_FORMAT
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
